import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startOpenstack } from './start-openstack.ts';
import { stopOpenstack } from './stop-openstack.ts';

const usage = `usage: node lab/openstack/main.ts --directory DIR [--token-lifetime SECONDS] [--token-cache-time SECONDS] [--until-stdin-closes]
       node lab/openstack/main.ts --directory DIR --stop`;

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    'token-lifetime': { type: 'string', default: '3600' },
    'token-cache-time': { type: 'string', default: '10' },
    'until-stdin-closes': { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
    // The guard's: which start of the cloud it ends when its standard input closes.
    guard: { type: 'string' },
  },
});

async function main(directory: string | undefined): Promise<void> {
  if (directory === undefined) throw new Error(usage);
  if (values.stop) return stopOpenstack(directory);
  if (values.guard !== undefined) return whenStdinCloses(directory, values.guard);
  await serve(directory);
}

async function serve(root: string): Promise<void> {
  // While it starts, the guard clears away what is there by then.
  let stop: () => void = () => process.exit(1);
  process.on('SIGTERM', () => stop());
  process.on('SIGINT', () => stop());
  if (values['until-stdin-closes']) process.stdin.once('end', () => stop()).resume();
  const openstack = await startOpenstack({
    root,
    tokenLifetime: seconds(values['token-lifetime']),
    tokenCacheTime: seconds(values['token-cache-time']),
  });
  console.log(JSON.stringify({ ready: true, ...openstack }));
  await new Promise<void>((resolve) => {
    // Nothing else keeps this process.
    setInterval(() => undefined, 60_000);
    stop = resolve;
  });
  await openstack.stop();
  process.exit(0);
}

async function whenStdinCloses(directory: string, run: string): Promise<void> {
  await once(process.stdin.resume(), 'end');
  await stopOpenstack(directory, run);
}

function seconds(text: string): number {
  if (!/^\d{1,6}$/u.test(text)) throw new Error(`not a number of seconds: ${text}\n${usage}`);
  return Number(text);
}

main(values.directory).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
