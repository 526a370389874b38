// node simulators/zvm/main.ts [--port N] [--host NAME]... [--release 1.4.1|1.6.3|development] [--admin-token FILE] [--token-lifetime MS]
//   [--create-time MS] [--deploy-time MS] [--softstop-time MS] [--memory MIB] [--disk-pool GIB] [--deploys N] [--seed N] [--until-stdin-closes]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { usualCapacity } from './capacity.ts';
import { releases } from './release.ts';
import { startZvmSimulators } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', multiple: true, default: ['SIMZVM1'] },
    release: { type: 'string', default: '1.6.3' },
    'admin-token': { type: 'string' },
    'token-lifetime': { type: 'string', default: '3600000' },
    'create-time': { type: 'string', default: '0' },
    'deploy-time': { type: 'string', default: '0' },
    'softstop-time': { type: 'string', default: '0' },
    memory: { type: 'string', default: String(usualCapacity.memory) },
    'disk-pool': { type: 'string', default: String(usualCapacity.diskPool) },
    deploys: { type: 'string', default: String(usualCapacity.deploys) },
    seed: { type: 'string', default: '1' },
    'until-stdin-closes': { type: 'boolean', default: false },
  },
});

const tokenFile = values['admin-token'];
const simulators = await startZvmSimulators(values.host, {
  port: wholeNumber('port'),
  release: releaseOf(values.release),
  ...(tokenFile === undefined ? {} : { adminToken: readFileSync(tokenFile, 'utf8').trim() }),
  tokenLifetime: wholeNumber('token-lifetime'),
  createTime: wholeNumber('create-time'),
  deployTime: wholeNumber('deploy-time'),
  softstopTime: wholeNumber('softstop-time'),
  capacity: { memory: wholeNumber('memory'), diskPool: wholeNumber('disk-pool'), deploys: wholeNumber('deploys') },
  seed: wholeNumber('seed'),
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
if (values['until-stdin-closes'])
  process.stdin
    .resume()
    .once('end', () => void stop())
    .once('error', () => void stop());
const systems = simulators.map(({ host, url }) => ({ host, url }));
console.log(JSON.stringify({ ready: true, url: systems[0]!.url, systems }));

async function stop(): Promise<void> {
  await Promise.all(simulators.map((simulator) => simulator.close()));
  process.exit(0);
}

function releaseOf(name: string): (typeof releases)[number] {
  return releases.find((release) => release === name) ?? refuse(`--release must be one of ${releases.join(', ')}`);
}

type NumberOption = Exclude<keyof typeof values, 'host' | 'release' | 'admin-token' | 'until-stdin-closes'>;

function wholeNumber(name: NumberOption): number {
  const value = Number(values[name]);
  return Number.isInteger(value) && value >= 0 ? value : refuse(`--${name} must be a whole number`);
}

function refuse(text: string): never {
  console.error(text);
  process.exit(2);
}
