// node simulators/zvm/main.ts [--port N] [--admin-token FILE] [--create-time MS] [--deploy-time MS] [--until-stdin-closes]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startZvmSimulator } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: 'SIMZVM1' },
    'admin-token': { type: 'string' },
    'create-time': { type: 'string', default: '0' },
    'deploy-time': { type: 'string', default: '0' },
    'softstop-time': { type: 'string', default: '0' },
    'until-stdin-closes': { type: 'boolean', default: false },
  },
});

const tokenFile = values['admin-token'];
const simulator = await startZvmSimulator({
  port: wholeNumber('port'),
  host: values.host,
  ...(tokenFile === undefined ? {} : { adminToken: readFileSync(tokenFile, 'utf8').trim() }),
  createTime: wholeNumber('create-time'),
  deployTime: wholeNumber('deploy-time'),
  softstopTime: wholeNumber('softstop-time'),
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
if (values['until-stdin-closes'])
  process.stdin
    .resume()
    .once('end', () => void stop())
    .once('error', () => void stop());
console.log(JSON.stringify({ ready: true, url: simulator.url }));

async function stop(): Promise<void> {
  await simulator.close();
  process.exit(0);
}

function wholeNumber(name: 'port' | 'create-time' | 'deploy-time' | 'softstop-time'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} must be a whole number`);
  process.exit(2);
}
