import { z } from 'zod';
import type { Answer, Service, ServiceName } from './http.ts';
import { novaError } from './errors.ts';

const times = z.number().int().min(0).max(10_000).default(1);
const service = z.enum(['identity', 'compute', 'image', 'network']);

/** What `POST /simulator/faults` takes. `times` counts down; 0 takes the fault back. */
const faultSchema = z.discriminatedUnion('fault', [
  /** The next servers go to ERROR. */
  z.strictObject({ fault: z.literal('create-error'), times }),
  /** The server is created, the connection is cut instead of an answer. */
  z.strictObject({ fault: z.literal('create-cut'), times }),
  /** The connection is cut before anything is created. */
  z.strictObject({ fault: z.literal('create-lost'), times }),
  /** The next servers boot without SSH. */
  z.strictObject({ fault: z.literal('no-ssh'), times }),
  z.strictObject({ fault: z.literal('http'), service, status: z.number().int().min(400).max(599), times }),
  /** The service takes requests and never answers. */
  z.strictObject({ fault: z.literal('silence'), service, times }),
  /** The server vanishes as if somebody else had deleted it. */
  z.strictObject({ fault: z.literal('lose-server'), server: z.string().max(100) }),
  z.strictObject({ fault: z.literal('revoke-tokens') }),
]);

export type Fault = z.infer<typeof faultSchema>;
type CountedFault = 'create-error' | 'create-cut' | 'create-lost' | 'no-ssh';

/** Faults that wait for their moment. */
export interface Faults {
  /** True, and one less left, when this fault is to happen now. */
  take(fault: CountedFault): boolean;
  interfere(service: ServiceName): Answer | 'silence' | undefined;
  set(fault: Fault): void;
}

export function createFaults(): Faults {
  const counts = new Map<string, number>();
  const failures = new Map<string, { status: number; left: number }>();
  const silences = new Map<string, number>();

  function take(fault: string, from: Map<string, number> = counts): boolean {
    const left = from.get(fault) ?? 0;
    if (left > 0) from.set(fault, left - 1);
    return left > 0;
  }

  function interfere(name: ServiceName): Answer | 'silence' | undefined {
    if (take(name, silences)) return 'silence';
    const failure = failures.get(name);
    if (!failure || failure.left === 0) return undefined;
    failure.left -= 1;
    return { status: failure.status, body: { error: { code: failure.status, message: 'Injected by the simulator.' } } };
  }

  function set(fault: Fault): void {
    if (fault.fault === 'http') failures.set(fault.service, { status: fault.status, left: fault.times });
    else if (fault.fault === 'silence') silences.set(fault.service, fault.times);
    else if ('times' in fault) counts.set(fault.fault, fault.times);
  }

  return { take: (fault) => take(fault), interfere, set };
}

/** The simulator's own door, beside the cloud's. */
export function faultService(apply: (fault: Fault) => void): Service {
  return {
    name: 'simulator',
    prefix: '/simulator',
    notFound: () => ({ status: 404, body: { error: 'POST /simulator/faults' } }),
    badJson: () => novaError(400, 'Malformed request body').answer,
    routes: [
      {
        method: 'POST',
        path: '/faults',
        handle: (call) => {
          const parsed = faultSchema.safeParse(call.json);
          if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
          apply(parsed.data);
          return { status: 200, body: parsed.data };
        },
      },
    ],
  };
}
