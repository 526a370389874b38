import { parseArgs } from 'node:util';
import { startOpenstackSimulator } from './simulator.ts';

const usage =
  'node simulators/openstack/main.ts --directory DIR [--port N] [--ssh-port N] [--boot-delay MS] [--instances N] [--image-user NAME] [--until-stdin-closes]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      port: { type: 'string', default: '0' },
      'ssh-port': { type: 'string', default: '0' },
      'boot-delay': { type: 'string', default: '200' },
      instances: { type: 'string', default: '10' },
      'image-user': { type: 'string', default: 'zuul' },
      'until-stdin-closes': { type: 'boolean', default: false },
    },
  });
  if (values.directory === undefined) throw new Error(usage);
  const instances = readNumber('instances', values.instances);
  const simulator = await startOpenstackSimulator({
    directory: values.directory,
    port: readNumber('port', values.port),
    sshPort: readNumber('ssh-port', values['ssh-port']),
    bootDelay: readNumber('boot-delay', values['boot-delay']),
    // Nova's defaults are 10 servers, 20 cores, 50 GiB; more servers get their share.
    quota: { instances, cores: instances * 2, ram: instances * 5120 },
    imageUser: values['image-user'],
  });
  stopOnSignals(() => simulator.close(), values['until-stdin-closes']);
  console.log(JSON.stringify({ ready: true, authUrl: simulator.authUrl, sshPort: simulator.sshPort }));
}

function readNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new Error(`--${name} wants a number, not ${text}\n${usage}`);
  return Number(text);
}

function stopOnSignals(close: () => Promise<void>, untilStdinCloses: boolean): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    close().then(() => process.exit(0), fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (!untilStdinCloses) return;
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

main().catch(fail);
