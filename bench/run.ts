import { parseArgs } from 'node:util';
import type { Benchmark, Figure } from './benchmark.ts';
import { eventToVote } from './event-to-vote.ts';
import { journal } from './journal.ts';
import { cloudSize } from './cloud-size.ts';
import { cloudWeek } from './cloud-week.ts';
import { backfill } from './backfill.ts';
import { guard } from './guard.ts';
import { describeMachine } from './machine.ts';
import { logs } from './logs.ts';
import { machineSpeed } from './machine-speed.ts';
import { rounded } from './measure.ts';
import { memory } from './memory.ts';
import { signatures } from './signatures.ts';
import { subunit } from './subunit.ts';
import { throughput } from './throughput.ts';

const benchmarks: readonly Benchmark[] = [
  eventToVote,
  throughput,
  journal,
  backfill,
  memory,
  cloudSize,
  cloudWeek,
  guard,
  signatures,
  subunit,
  logs,
];

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

const machine = describeMachine();
if (!values.json) console.log(wordsOf(machine));
const results: Record<string, object> = {};
for (const { name, run } of chosen) {
  const before = { load: describeMachine().load, ...(await machineSpeed()) };
  if (!values.json) console.log(`\n${name}\n  before: ${wordsOf(before)} (ms)`);
  const figures = await run();
  results[name] = { before, figures, loadAfter: describeMachine().load };
  if (!values.json) for (const figure of figures) console.log(describeFigure(figure));
}
if (values.json) console.log(JSON.stringify({ machine, results }));

function describeFigure({ what, value, unit, aim }: Figure): string {
  const number = `${rounded(value)} ${unit}`.padStart(12);
  if (aim === undefined) return `${number}  ${what}`;
  const isRate = unit === '/s' || unit === 'MB/s' || unit === '×';
  const met = isRate ? value >= aim : value <= aim;
  return `${number}  ${what} (aim ${aim} ${unit}: ${met ? 'met' : 'missed'})`;
}

function wordsOf(facts: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(facts)
    .map(([name, fact]) => `${name} ${typeof fact === 'number' ? rounded(fact) : fact}`)
    .join(', ');
}
