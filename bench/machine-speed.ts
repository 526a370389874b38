import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.ts';

const samples = 40;
const page = Buffer.alloc(8192, 1);

/** Two things an event → vote is made of, alone: what they cost at this moment on this machine is the scale for all other times. */
export async function machineSpeed(): Promise<{ readonly startProgram: number; readonly reachDisk: number }> {
  return { startProgram: await timeToStartProgram(), reachDisk: await timeToReachDisk() };
}

async function timeToStartProgram(): Promise<number> {
  return medianOf(async () => {
    await once(spawn('/bin/sh', ['-c', 'true'], { stdio: 'ignore' }), 'exit');
  });
}

async function timeToReachDisk(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sidegate-bench-'));
  const file = await open(join(folder, 'page'), 'w');
  try {
    return await medianOf(async () => {
      await file.write(page);
      await file.datasync();
    });
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}

async function medianOf(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return median(times);
}
