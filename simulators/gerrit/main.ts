import { parseArgs } from 'node:util';
import { startGerritSimulator } from './simulator.ts';
import { readSeedFile } from './state/seed.ts';

const usage =
  'usage: node simulators/gerrit/main.ts --directory DIR [--http-port N] [--ssh-port N] [--seed FILE] [--until-stdin-closes]';

function port(text: string | undefined): number {
  const number = Number(text ?? 0);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new Error(`not a port: ${text}`);
  return number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      'http-port': { type: 'string' },
      'ssh-port': { type: 'string' },
      seed: { type: 'string' },
      'until-stdin-closes': { type: 'boolean', default: false },
    },
  });
  if (values.directory === undefined) throw new Error(usage);
  const simulator = await startGerritSimulator({
    directory: values.directory,
    httpPort: port(values['http-port']),
    sshPort: port(values['ssh-port']),
    ...(values.seed === undefined ? {} : { seed: readSeedFile(values.seed) }),
  });
  const stop = () => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (values['until-stdin-closes']) process.stdin.once('end', stop).once('error', stop).resume();
  const { url, sshPort, hostKey } = simulator;
  console.log(JSON.stringify({ ready: true, url, sshPort, hostKey }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
