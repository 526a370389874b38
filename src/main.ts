import { Command } from 'commander';
import { printError } from './cli/print-error.ts';

/** Each command's code is loaded when it is called: `builds` must not wait for what only `serve` needs. */
const program = new Command('sidegate')
  .description('Third-party CI for OpenStack vendor drivers: an event on Gerrit becomes a vote.')
  .showHelpAfterError();

function withConfig(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'configuration file', 'sidegate.yaml');
}

withConfig('serve', 'run the CI')
  .option('--until-stdin-closes', 'also stop when standard input ends: for a parent that holds the other end of a pipe')
  .action(async (options) => (await import('./cli/serve.ts')).serve(options));

withConfig('check-config', 'check the configuration and print every problem').action(async ({ config }) => {
  process.exitCode = await (await import('./cli/check-config.ts')).checkConfig(config);
});

withConfig('doctor', 'connect to Gerrit, the clouds and the back ends, and say what is right and what is wrong').action(
  async ({ config }) => {
    process.exitCode = await (await import('./cli/doctor.ts')).doctor(config);
  },
);

withConfig('enqueue', 'test a change as if it had been rechecked')
  .argument('<change>', 'CHANGE or CHANGE,PATCHSET')
  .option('--gerrit <name>', 'name of the Gerrit connection, where there are several')
  .action(async (change, options) => (await import('./cli/enqueue.ts')).enqueue(change, options));

withConfig('builds', 'list builds, newest first')
  .option('--change <number>', 'only those of this change', Number)
  .option('--limit <number>', 'at most so many', Number, 20)
  .option('--json', 'one JSON object a line')
  .action(async (options) => (await import('./cli/builds.ts')).builds(options));

withConfig('cancel', 'stop a build')
  .argument('<build>', 'id of the build, or its first seven digits')
  .action(async (build, options) => (await import('./cli/cancel.ts')).cancel(build, options));

program
  .command('demo')
  .description('play the running sample: simulated Gerrit, OpenStack and z/VM, the real sidegate')
  .option('--once', 'wait for both votes, print one JSON line, stop')
  .option('--directory <path>', 'where it keeps its files', '.sidegate/demo')
  .option('--recheck <change>', 'post a recheck comment on a change of the demo that runs, and stop')
  .option('--json', 'print one JSON line with the addresses when everything runs')
  .action(async (options) => (await import('./cli/demo.ts')).demo(options));

try {
  await program.parseAsync();
} catch (error) {
  printError(error);
  // Not only an exit code: a command that failed half-way may hold open what would keep the process alive.
  process.exit(1);
}
