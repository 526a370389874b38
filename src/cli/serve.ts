import { setFlagsFromString } from 'node:v8';
import { loadConfiguration } from '../config/load.ts';
import { problemText } from '../config/problem.ts';
import { startService } from '../service.ts';
import { createLogger } from '../shared/logger.ts';
import { printError } from './print-error.ts';

export interface ServeOptions {
  readonly config: string;
  readonly untilStdinCloses?: true;
}

/** How long a clean stop may take before the process ends anyway: every step may be cut off (ms). */
const patience = 20_000;

/** Runs until SIGTERM or SIGINT. Prints one JSON line with the address on standard output when it is ready; logs go to standard error. */
export async function serve(options: ServeOptions): Promise<void> {
  keepHeapSmall();
  const asked = stopAsked(options);
  const configuration = await loadConfiguration(options.config, process.env);
  const logger = createLogger(configuration.logLevel);
  for (const warning of configuration.warnings)
    logger.warn({ warning: problemText(warning) }, 'the configuration could be better');
  const service = await startService(configuration, logger);
  process.stdout.write(`${JSON.stringify({ ready: true, url: service.url })}\n`);
  try {
    await Promise.race([asked, service.lost]);
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
  logger.info('sidegate stops');
  setTimeout(() => process.exit(), patience).unref();
  await service.stop();
  // Workflows that wait for another process or a test server keep the event loop alive; they go on elsewhere.
  process.exit();
}

/**
 * V8 lets the space for new objects grow up to 128 MB where the machine has much memory, and never gives it back (docs/performance.md).
 * It stays at what it is now; the flag for its greatest size counts only on Node's command line.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function stopAsked({ untilStdinCloses }: ServeOptions): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (!untilStdinCloses) return;
    process.stdin.resume();
    process.stdin.once('end', () => resolve());
  });
}
