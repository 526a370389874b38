import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { releases } from './releases.ts';
import type { Release } from './releases.ts';
import { startFeilong, stopFeilong } from './start-feilong.ts';

const usage = `usage: node lab/feilong/main.ts --directory DIR [--release debian|pypi] [--address ADDRESS]
       node lab/feilong/main.ts --directory DIR --stop`;

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    release: { type: 'string', default: 'debian' },
    address: { type: 'string', default: '127.0.0.1' },
    stop: { type: 'boolean', default: false },
    // The guard's: which start of it ends when its standard input closes.
    guard: { type: 'string' },
  },
});

async function main(root: string | undefined): Promise<void> {
  if (root === undefined || !isRelease(values.release)) throw new Error(usage);
  if (values.stop) return stopFeilong(root);
  if (values.guard !== undefined) {
    await once(process.stdin.resume(), 'end');
    return stopFeilong(root, values.guard);
  }
  const feilong = await startFeilong({ root, release: values.release, address: values.address });
  console.log(JSON.stringify({ ready: true, url: feilong.url, publicKey: feilong.publicKey, place: feilong.place }));
  await Promise.race([
    once(process, 'SIGTERM'),
    once(process, 'SIGINT'),
    new Promise((wake) => setInterval(wake, 2 ** 31 - 1)),
  ]);
  await feilong.stop();
  process.exit(0);
}

function isRelease(name: string): name is Release {
  return name in releases;
}

main(values.directory).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
