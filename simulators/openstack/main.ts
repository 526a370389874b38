import { parseArgs } from 'node:util';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulatorOptions } from './simulator.ts';

const usage = `node simulators/openstack/main.ts --directory DIR [--port N] [--ssh-port N] [--boot-delay MS] [--instances N]
  [--image-user NAME] [--no-ssh-servers] [--token-lifetime MS] [--max-microversion 2.N] [--seed N]
  [--tls-certificate FILE --tls-key FILE] [--until-stdin-closes]`;

function readArguments() {
  return parseArgs({
    options: {
      directory: { type: 'string' },
      port: { type: 'string', default: '0' },
      'ssh-port': { type: 'string', default: '0' },
      'boot-delay': { type: 'string', default: '200' },
      instances: { type: 'string', default: '10' },
      'image-user': { type: 'string', default: 'zuul' },
      'no-ssh-servers': { type: 'boolean', default: false },
      'token-lifetime': { type: 'string', default: '3600000' },
      'max-microversion': { type: 'string', default: '2.93' },
      seed: { type: 'string', default: '1' },
      'tls-certificate': { type: 'string' },
      'tls-key': { type: 'string' },
      'until-stdin-closes': { type: 'boolean', default: false },
    },
  }).values;
}

type Arguments = ReturnType<typeof readArguments>;

async function main(): Promise<void> {
  const values = readArguments();
  const simulator = await startOpenstackSimulator(optionsOf(values));
  stopOnSignals(() => simulator.close(), values['until-stdin-closes']);
  console.log(JSON.stringify({ ready: true, authUrl: simulator.authUrl, sshPort: simulator.sshPort }));
}

function optionsOf(values: Arguments): OpenstackSimulatorOptions {
  if (values.directory === undefined) throw new Error(usage);
  const instances = readNumber('instances', values.instances);
  return {
    directory: values.directory,
    port: readNumber('port', values.port),
    sshPort: readNumber('ssh-port', values['ssh-port']),
    bootDelay: readNumber('boot-delay', values['boot-delay']),
    ...quotasFor(instances),
    imageUser: values['image-user'],
    sshServers: !values['no-ssh-servers'],
    tokenLifetime: readNumber('token-lifetime', values['token-lifetime']),
    maxMicroversion: values['max-microversion'],
    seed: readNumber('seed', values.seed),
    ...tlsOf(values),
  };
}

/** OpenStack's defaults are for 10 servers; more servers get their share. */
function quotasFor(instances: number): Pick<OpenstackSimulatorOptions, 'quota' | 'networkQuota' | 'volumeQuota'> {
  return {
    quota: { instances, cores: instances * 2, ram: instances * 5120 },
    networkQuota: { port: Math.max(500, instances * 2), floatingip: Math.max(50, instances) },
    volumeQuota: { volumes: Math.max(10, instances), gigabytes: Math.max(1000, instances * 100) },
  };
}

function tlsOf(values: Arguments): Pick<OpenstackSimulatorOptions, 'tls'> {
  const { 'tls-certificate': certificate, 'tls-key': key } = values;
  if (certificate === undefined && key === undefined) return {};
  if (certificate === undefined || key === undefined) throw new Error(usage);
  return { tls: { certificate, key } };
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
