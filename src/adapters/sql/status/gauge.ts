import type { Metric, MetricSample } from '../../../ports/status.ts';

export function gauge(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name: `sidegate_${name}`, help, type: 'gauge', samples };
}
