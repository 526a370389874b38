import { errorText } from '../domain/errors.ts';
import { serverConsoleFile } from '../domain/log-path.ts';
import { tellingLines } from '../domain/server-console.ts';
import type { EvidenceLine } from '../domain/verdict.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import type { Flow } from './context.ts';
import { scanLog } from './find-signatures.ts';
import type { BuildContext } from './run-build.ts';

const longest = 128 * 1024;

/** What the cloud shows as the console of a server; empty where there is none, or the cloud does not answer. */
export async function readServerConsole(flow: Flow, server: ServerRecord | undefined): Promise<string> {
  const cloud = server && flow.clouds.get(server.cloud);
  if (!cloud || server.novaId === undefined) return '';
  try {
    return (await cloud.consoleLog(server.novaId)).slice(-longest);
  } catch (error) {
    flow.logger.debug({ server: server.id, err: errorText(error) }, 'the console of a server could not be read');
    return '';
  }
}

/** Publishes the console of a server that broke in the middle of a job, and looks for known troubles in it. */
export async function publishServerConsole(context: BuildContext, server: ServerRecord | undefined): Promise<void> {
  const text = await readServerConsole(context.flow, server);
  if (text === '') return;
  await context.flow.archive.write(`${context.build.logPath}${serverConsoleFile}`, text);
  await scanLog(context, serverConsoleFile);
}

/** What the published one shows; nothing where there is none. */
export async function serverConsoleLines({ flow, build }: BuildContext): Promise<readonly EvidenceLine[]> {
  return tellingLines((await flow.archive.read(`${build.logPath}${serverConsoleFile}`, 0, longest)).toString());
}
