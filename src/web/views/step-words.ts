import type { BuildStep } from '../../domain/build.ts';

export const steps: readonly BuildStep[] = ['boot', 'sweep', 'run', 'collect', 'judge'];

interface StepWords {
  readonly short: string;
  readonly long: string;
}

const words: Record<BuildStep, StepWords> = {
  boot: { short: 'Boot', long: 'A test server is booted, or a ready one is taken' },
  sweep: { short: 'Clear slot', long: 'What an earlier build left in the slot is deleted' },
  run: { short: 'Run job', long: 'The job runs on the test server' },
  collect: { short: 'Get logs', long: 'Logs and test results are fetched from the test server' },
  judge: { short: 'Judge', long: 'The verdict is made of the test results' },
};

/** What people call a step; a step this version does not know keeps its name. */
export function stepWords(step: string): StepWords {
  return isStep(step) ? words[step] : { short: step, long: step };
}

function isStep(step: string): step is BuildStep {
  return Object.hasOwn(words, step);
}
