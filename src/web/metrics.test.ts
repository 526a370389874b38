import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';

let status: PlainStatus;
let served: Served;

beforeEach(async () => {
  status = createPlainStatus(plainOverview());
  served = await serve(status);
});

afterEach(() => served.stop());

interface Parsed {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const labelPattern = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"/g;
const samplePattern = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;

/** As the text format 0.0.4 says; throws for a line that is none. */
function parse(text: string): readonly Parsed[] {
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.slice(0, -1).split('\n');
  return lines
    .filter((line) => !/^# (HELP \w+ .+|TYPE \w+ (gauge|counter))$/.test(line))
    .map((line) => {
      const [, name = '', labels = '', value] = samplePattern.exec(line) ?? [];
      if (name === '') throw new Error(`no sample: ${line}`);
      const pairs = [...labels.matchAll(labelPattern)].map(([, key = '', text = '']): [string, string] => [
        key,
        text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign)),
      ]);
      return { name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
}

async function scrape(): Promise<{ type: string | null; text: string }> {
  const answer = await fetch(`${served.url}/metrics`);
  return { type: answer.headers.get('Content-Type'), text: await answer.text() };
}

describe('/metrics', () => {
  test('has the type that Prometheus asks for, and says which version runs', async () => {
    const { type, text } = await scrape();

    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parse(text)).toContainEqual({
      name: 'sidegate_build_info',
      labels: { version: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node },
      value: 1,
    });
  });

  test('keeps hostile label values inside their quotes', async () => {
    const label = 'a"} 1\nsidegate_evil{x="\\';
    status.measured.push({
      name: 'sidegate_servers',
      help: 'Two\nlines \\ one.',
      type: 'gauge',
      samples: [{ labels: { label, cloud: 'ci' }, value: 7 }],
    });

    const { text } = await scrape();

    expect(parse(text)[0]).toEqual({ name: 'sidegate_servers', labels: { label, cloud: 'ci' }, value: 7 });
    expect(text).toContain(String.raw`# HELP sidegate_servers Two\nlines \\ one.`);
  });

  test('is bounded', async () => {
    const samples = Array.from({ length: 10_500 }, (_, index) => ({
      labels: { label: 'x'.repeat(300) },
      value: index,
    }));
    status.measured.push({ name: 'sidegate_servers', help: 'Many.', type: 'gauge', samples });

    const parsed = parse((await scrape()).text).filter(({ name }) => name === 'sidegate_servers');

    expect(parsed).toHaveLength(10_000);
    expect(parsed[0]?.labels['label']).toHaveLength(200);
  });

  test('asks the database once for many who ask at the same time', async () => {
    let asked = 0;
    status.metrics = async () => {
      asked += 1;
      return [];
    };

    await Promise.all(Array.from({ length: 20 }, scrape));

    expect(asked).toBe(1);
  });
});
