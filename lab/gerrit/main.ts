import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { installationIn, killDaemon, runningPid, stopDaemon } from './daemon.ts';
import { startGerrit } from './start-gerrit.ts';

const usage = `usage: node lab/gerrit/main.ts up|down [FOLDER]
  up     starts a real Gerrit in FOLDER (default .sidegate/lab-gerrit) and prints its address as one JSON line
  down   ends it and removes the folder`;

const [command, folder = '.sidegate/lab-gerrit'] = process.argv.slice(2);
const root = resolve(folder);

if (command === 'up') console.log(await up());
else if (command === 'down') await down();
else {
  console.error(usage);
  process.exitCode = 2;
}

async function up(): Promise<string> {
  const installation = installationIn(root);
  const addressFile = join(root, 'address.json');
  if (runningPid(installation) !== undefined && existsSync(addressFile))
    return (await readFile(addressFile, 'utf8')).trim();
  try {
    const address = JSON.stringify(await startGerrit({ root }));
    await writeFile(addressFile, `${address}\n`);
    return address;
  } catch (error) {
    await killDaemon(installation);
    throw error;
  }
}

async function down(): Promise<void> {
  const installation = installationIn(root);
  if (!existsSync(installation.pidFile)) return;
  await stopDaemon(installation);
  await rm(root, { recursive: true, force: true });
}
