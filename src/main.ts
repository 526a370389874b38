import { Command } from 'commander';
import { printError } from './cli/print-error.ts';

/** Each command's code is loaded when it is called: `builds` must not wait for what only `serve` needs. */
const program = new Command('sidegate')
  .description('Third-party CI for OpenStack vendor drivers: an event on Gerrit becomes a vote.')
  .showHelpAfterError();

function withConfig(name: string, description: string, parent = program): Command {
  return parent
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

withConfig('doctor', 'connect to Gerrit, the clouds and the back ends, and say what is right and what is wrong')
  .option('--try', 'also make a guest on each z/VM, start it and delete it: what Feilong’s userid may do')
  .option('--worker <server>', 'also try what lies between this test server, which is up, and each z/VM')
  .action(async (options) => {
    process.exitCode = await (await import('./cli/doctor.ts')).doctor(options);
  });

withConfig('enqueue', 'test a change as if it had been rechecked')
  .argument('<change>', 'its number, as 12345 or 12345,2, or its address')
  .option('--gerrit <name>', 'name of the Gerrit connection, where there are several')
  .action(async (change, options) => (await import('./cli/enqueue.ts')).enqueue(change, options));

const report = withConfig(
  'report',
  'what is told to Gerrit: what waits for a person, previews, jobs that are not reported',
)
  .option('--preview <buildset>', 'the same as `report preview`')
  .action(async ({ config, preview }, command: Command) => {
    if (preview === undefined) return command.help({ error: true });
    return (await import('./cli/preview-report.ts')).previewReport(preview, { config });
  });
report
  .command('list')
  .description('the reports that wait, and the jobs whose failures are not reported')
  .option('--json', 'one JSON object a line')
  .action(async (_, command: Command) => (await import('./cli/report.ts')).listReports(command.optsWithGlobals()));
report
  .command('preview')
  .description('what would be posted for a buildset, by the configuration as it is now')
  .argument('<buildset>', 'its id, or that of one of its builds, or the first seven digits')
  .action(async (id, _, command: Command) =>
    (await import('./cli/preview-report.ts')).previewReport(id, command.optsWithGlobals()),
  );
for (const [decision, description] of [
  ['confirm', 'post it with its vote'],
  ['downgrade', 'post it without the bad vote'],
  ['drop', 'do not post it'],
] as const)
  report
    .command(decision)
    .description(description)
    .argument('<report>', 'its id in the list, or the first seven digits')
    .option('--by <name>', 'who decides; default: who is logged in')
    .action(async (id, _, command: Command) =>
      (await import('./cli/report.ts')).decideReportByHand(id, decision, command.optsWithGlobals()),
    );
report
  .command('stop')
  .description('do not report failures of a job until a person says so')
  .argument('<job>', 'name of the job')
  .option('--reason <text>', 'why, for the others')
  .option('--by <name>', 'who decides; default: who is logged in')
  .action(async (job, _, command: Command) =>
    (await import('./cli/report.ts')).stopReportsByHand(job, command.optsWithGlobals()),
  );
report
  .command('resume')
  .description('report failures of a job again; changes whose reports waited are tested again')
  .argument('<job>', 'name of the job')
  .option('--post', 'post what waited instead')
  .option('--drop', 'drop what waited instead')
  .option('--by <name>', 'who decides; default: who is logged in')
  .action(async (job, _, command: Command) =>
    (await import('./cli/report.ts')).resumeReportsByHand(job, command.optsWithGlobals()),
  );

const notices = program.command('notices').description('what operators are told by e-mail and webhooks');

withConfig('test', 'send a test message to each mailbox and webhook', notices).action(async ({ config }) => {
  process.exitCode = await (await import('./cli/test-notices.ts')).testNotices(config);
});

withConfig('compare', 'list where another CI’s results and ours differ')
  .requiredOption('--account <name>', 'user name or full name of its account')
  .option('--since <duration>', 'how old our results may be', '7d')
  .option('--pipeline <name>', 'its pipeline, where it has several; default: whichever spoke last')
  .option('--limit <number>', 'at most so many results', Number, 500)
  .option('--gerrit <name>', 'name of the Gerrit connection, where there are several')
  .option('--all', 'also where they are the same, and where it has none')
  .option('--json', 'one JSON object a line')
  .action(async (options) => (await import('./cli/compare.ts')).compare(options));

withConfig('record', 'write Gerrit’s event stream to a file, for `replay`')
  .argument('<file>', 'where to; what it holds is kept')
  .option('--gerrit <name>', 'name of the Gerrit connection, where there are several')
  .action(async (file, options) => (await import('./cli/record.ts')).record(file, options));

withConfig('replay', 'say what a recorded event stream would start; nothing is built or posted')
  .argument('<file>', 'as `record` wrote it')
  .option('--gerrit <name>', 'name of the Gerrit connection it came from, where there are several')
  .option('--json', 'one JSON object for each event, with the decision and its reason')
  .option('--real-time', 'as fast as it was recorded')
  .action(async (file, options) => (await import('./cli/replay.ts')).replay(file, options));

program
  .command('results')
  .description('say what a subunit v2 stream holds, as JSON: counts, failing tests, and those that are missing')
  .argument('<file>', 'such as testrepository.subunit; gzip where its name ends in .gz')
  .option('--selection <file>', 'ids of the tests that should have run, one a line, as `stestr list` prints them')
  .option('--last <file>', 'an earlier stream: which of its tests are missing')
  .option('--junit <file>', 'also write JUnit’s XML there')
  .option('--html <file>', 'also write the page there that OpenStack’s jobs call testr_results.html; gzip with .gz')
  .option('--no-salvage', 'read damaged streams no better than python-subunit does, to compare with it')
  .action(async (file, options) => (await import('./cli/results.ts')).results(file, options));

withConfig('builds', 'list builds, newest first')
  .option('--change <number>', 'only those of this change', Number)
  .option('--limit <number>', 'at most so many', Number, 20)
  .option('--json', 'one JSON object a line')
  .action(async (options) => (await import('./cli/builds.ts')).builds(options));

withConfig('cancel', 'stop a build')
  .argument('<build>', 'id of the build, or its first seven digits')
  .action(async (build, options) => (await import('./cli/cancel.ts')).cancel(build, options));

withConfig('scrub', 'say what would be hidden in logs: how often by which rule, never what')
  .argument('<path...>', 'files and folders')
  .requiredOption('--dry-run', 'nothing is changed; the service scrubs by itself what it publishes')
  .option('--json', 'one JSON object for each file')
  .action(async (paths, options) => (await import('./cli/scrub.ts')).scrubDryRun(paths, options));

withConfig('sweep', 'delete what carries our mark in the clouds and belongs to nothing')
  .option('--dry-run', 'only say what would be deleted')
  .action(async (options) => {
    process.exitCode = await (await import('./cli/sweep.ts')).sweep(options);
  });

withConfig('forget-cloud', 'count servers of a cloud that is no longer configured as deleted')
  .argument('<cloud>', 'name of the cloud, with its region where it had one')
  .action(async (cloud, options) => {
    process.exitCode = await (await import('./cli/forget-cloud.ts')).forgetCloud(cloud, options);
  });

const hold = withConfig('hold', 'keep the server of a build that fails, with your SSH key on it')
  .option('--build <build>', 'id of a build that is queued or runs, or its first seven digits; kept however it ends')
  .option('--project <project>', 'only of this project')
  .option('--change <number>', 'only of this change', Number)
  .option('--job <job>', 'only of this job')
  .option('--key <file>', 'file with your SSH public key')
  .option('--reason <text>', 'why, for the others')
  .option('--ttl <duration>', 'how long, such as 90m (default: 4h, or hold.max_ttl if that is shorter)')
  .option('--by <name>', 'who you are (default: $SUDO_USER or $USER)')
  .action(async (options) => (await import('./cli/hold.ts')).hold(options));
hold
  .command('list')
  .description('list holds: open ones, then those that ended')
  .action(async (_, command: Command) => (await import('./cli/hold.ts')).listHolds(command.optsWithGlobals()));
hold
  .command('release')
  .description('let a held server go, or take a wish back')
  .argument('<hold>', 'id of the hold, or its first seven digits')
  .action(async (id, _, command: Command) =>
    (await import('./cli/hold.ts')).releaseHold(id, command.optsWithGlobals()),
  );

const backend = program.command('backend').description('back ends: list them, take one out of use and back');

withConfig('list', 'list back ends with their slots, and why one gets no builds', backend)
  .option('--json', 'one JSON object a line')
  .action(async (options) => (await import('./cli/backend.ts')).listBackends(options));

withConfig('drain', 'give a back end no more builds; those that use it go on', backend)
  .argument('<name>', 'name of the back end')
  .option('--reason <text>', 'why, for the others and for those whose builds wait')
  .option('--by <name>', 'who you are (default: $SUDO_USER or $USER)')
  .action(async (name, options) => (await import('./cli/backend.ts')).drain(name, options));

withConfig('resume', 'give it builds again', backend)
  .argument('<name>', 'name of the back end')
  .action(async (name, options) => (await import('./cli/backend.ts')).resume(name, options));

const image = program.command('image').description('images of our own that test servers boot from');

withConfig('build', 'build an image for a label, and wait for it', image)
  .argument('<label>', 'name of the label')
  .option('--no-wait', 'do not wait until it is built')
  .action(async (label, options) => {
    process.exitCode = await (await import('./cli/image.ts')).buildImages(label, options);
  });

withConfig('list', 'list images, newest first', image).action(async (options) =>
  (await import('./cli/image.ts')).listImages(options),
);

withConfig('rollback', 'go back to the image before', image)
  .argument('<label>', 'name of the label')
  .option('--cloud <name>', 'only in this cloud')
  .action(async (label, options) => {
    process.exitCode = await (await import('./cli/image.ts')).rollBackImages(label, options);
  });

const signatures = program.command('signatures').description('known troubles: how they look in logs');

withConfig('test', 'try the signatures on logs: on those of the last builds where none is named', signatures)
  .argument('[names...]', 'files, or ids of builds, or their first seven digits')
  .option('--limit <number>', 'so many of the last builds', Number, 100)
  .option('--json', 'one JSON object a line')
  .action(async (names, options) => (await import('./cli/signatures.ts')).testSignatures(names, options));

program
  .command('guard')
  .description('stand between one worker’s nova and Feilong: it sees and touches only its own guests')
  .requiredOption('--feilong <url>', 'REST interface of Feilong')
  .requiredOption('--prefix <prefix>', 'first characters of the worker’s userids, such as ZA0')
  .requiredOption('--worker <address>', 'IP address of the worker; all others are refused')
  .requiredOption('--listen <address:port>', 'where the worker’s cloud_connector_url points to')
  .option('--token-file <file>', 'file with Feilong’s admin token, where it wants one')
  .option('--certificate <file>', 'PEM file: speak https to the worker')
  .option('--key <file>', 'PEM file with the private key of the certificate')
  .option('--ca <file>', 'PEM file with the certificates to trust of Feilong')
  .option('--ledger <file>', 'write down there what the worker makes, before Feilong hears of it')
  .option('--trace <file>', 'write the calls there instead of standard output')
  .option('--deploys <number>', 'deploys in flight at the same time; more wait', '10')
  .option('--vswitch <name...>', 'the only switches the worker’s guests may be on')
  .option('--until-stdin-closes', 'also stop when standard input ends: for a parent that holds the other end of a pipe')
  .action(async (options) => (await import('./cli/guard.ts')).guard(options));

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
