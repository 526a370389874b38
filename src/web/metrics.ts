import { createRequire } from 'node:module';
import type { Hono } from 'hono';
import type { Metric } from '../ports/status.ts';
import type { WebDeps } from './deps.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string };

/** Whoever asks more often gets the same answer (ms). */
const kept = 5000;
const maxSamples = 10_000;
const maxValue = 200;

/** `/metrics` as Prometheus reads it, text format 0.0.4. */
export function addMetrics(app: Hono, deps: WebDeps): void {
  const read = rememberFor(kept, () => deps.status.metrics());
  app.get('/metrics', async (c) => {
    const known = await read();
    c.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    c.header('Cache-Control', 'no-store');
    return c.body([...known, ...ownMetrics()].map(metricText).join(''));
  });
}

function rememberFor<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly loaded: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && performance.now() - last.at < ms) return last.loaded;
    const loaded = load();
    last = { at: performance.now(), loaded };
    loaded.catch(() => {
      last = undefined;
    });
    return loaded;
  };
}

/** What only this process knows; the names are those every Prometheus client uses. */
function ownMetrics(): readonly Metric[] {
  const one = (value: number, labels: Readonly<Record<string, string>> = {}) => [{ labels, value }];
  const { user, system } = process.cpuUsage();
  const startedAt = (Date.now() - process.uptime() * 1000) / 1000;
  return [
    {
      name: 'sidegate_build_info',
      help: 'Version of sidegate and of Node; the value is always 1.',
      type: 'gauge',
      samples: one(1, { version, node: process.versions.node }),
    },
    {
      name: 'process_start_time_seconds',
      help: 'When the process started, seconds since 1970.',
      type: 'gauge',
      samples: one(Math.round(startedAt)),
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process.',
      type: 'gauge',
      samples: one(process.memoryUsage.rss()),
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process.',
      type: 'counter',
      samples: one((user + system) / 1e6),
    },
  ];
}

function metricText({ name, help, type, samples }: Metric): string {
  const lines = samples.slice(0, maxSamples).map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapedValue(value: string): string {
  return escaped(value.slice(0, maxValue).toWellFormed()).replaceAll('"', String.raw`\"`);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', String.raw`\n`);
}
