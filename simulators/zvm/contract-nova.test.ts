import { afterEach, describe, expect, it } from 'vitest';
import { readFixture, readLines, readRecordings, replay, shapeOf, textForm } from './recordings.ts';
import type { Recording } from './recordings.ts';
import { act, call, createGuests, start, stopAll } from './test-client.ts';
import type { Answer } from './test-client.ts';

afterEach(stopAll);

/** One kind of call nova's z/VM driver made during tempest, with one of the statuses it got. */
interface Outcome {
  /** `METHOD route action`, as in `nova-contract.txt`. */
  readonly what: string;
  readonly status: number;
  readonly request: Recording['request'];
}

interface TraceLine {
  readonly method: string;
  readonly path: string;
  readonly body: { readonly action?: string } | null;
  readonly status: number;
  readonly overallRC: number;
  readonly rc: number;
  readonly rs: number;
  readonly errmsg: string;
  readonly output: unknown;
}

const userid = 'ZA000004';
const image = 'ce10d94b-86df-478a-9302-d8d6cc2db319';

type Prepare = (url: string) => Promise<unknown>;

const nothing: Prepare = async () => undefined;
const guest: Prepare = (url) => createGuests(url, userid);
const running: Prepare = async (url) => {
  await guest(url);
  await act(url, userid, 'start');
};
const guestAndImage: Prepare = async (url) => {
  await guest(url);
  await call(url, 'POST /simulator/images', { name: image });
};
const fault =
  (kind: object): Prepare =>
  (url) =>
    call(url, 'POST /simulator/faults', kind);
const both =
  (first: Prepare, second: Prepare): Prepare =>
  async (url) => {
    await first(url);
    await second(url);
  };

/** In which state the outcome was due; `like` names a recording of the same outcome, where the trace kept only its status. */
const states: Readonly<Record<string, { readonly prepare: Prepare; readonly like?: string }>> = {
  'GET /guests 200': { prepare: guest },
  'POST /guests 500': { prepare: fault({ kind: 'no-udevadm' }), like: 'guest-create-udev' },
  'POST /guests 200': { prepare: nothing },
  'DELETE /guests/{userid} 200': { prepare: running },
  'POST /guests/{userid}/action deploy 200': { prepare: guestAndImage },
  'POST /guests/{userid}/action deploy 500': {
    prepare: both(guestAndImage, fault({ kind: 'scp-fails', of: 'deploy' })),
    like: 'deploy-nofile',
  },
  'POST /guests/{userid}/action start 200': { prepare: guest },
  'POST /guests/{userid}/action pause 200': { prepare: running },
  'POST /guests/{userid}/action pause 409': { prepare: guest, like: 'off-pause' },
  'POST /guests/{userid}/action softstop 200': { prepare: running },
  'POST /guests/{userid}/action unpause 200': { prepare: running },
  'POST /guests/{userid}/action reset 500': { prepare: running },
  'POST /guests/{userid}/interface 200': { prepare: guest },
  'GET /guests/{userid}/power_state 200': { prepare: guest },
  'GET /guests/{userid}/power_state 404': { prepare: nothing, like: 'guest-power-404' },
  'GET /host 200': { prepare: nothing },
  'GET /host 500': { prepare: fault({ kind: 'sdkserver-down' }), like: 'down-host' },
  'POST /images 200': { prepare: nothing, like: 'image-create' },
  'GET /images?imagename={v} 404': { prepare: nothing, like: 'image-query-404' },
  'GET /images?imagename={v} 200': { prepare: guestAndImage },
};

const counted = /^\d+ ([A-Z]+) (\/\S*) (\w*) ?\{([^}]*)\} ms/;

/** `43 POST /guests  {500: 14, 200: 29} ms …`, and two lines further an example of the body. */
function readOutcomes(): readonly Outcome[] {
  const lines = readFixture('nova-contract.txt').split('\n');
  return lines.flatMap((line, index) => {
    const found = counted.exec(line);
    if (found === null) return [];
    const [, method = '', route = '', action = '', counts = ''] = found;
    const body = JSON.parse(lines[index + 2]!.trim().replace(/^e\.g\. /, '')) as unknown;
    const request = { method, path: route.replace('{userid}', userid).replace('{v}', image), body };
    const what = `${method} ${route} ${action}`.trim();
    return counts.split(', ').map((count) => ({ what, status: Number.parseInt(count, 10), request }));
  });
}

const trace = readLines(readFixture('nova-contract.jsonl')) as readonly TraceLine[];
const recordings = readRecordings('1.4.1');

function traceOf({ request, status }: Outcome): TraceLine | undefined {
  const action = (request.body as TraceLine['body'])?.action;
  return trace.find(
    (line) =>
      line.method === request.method &&
      line.path.replace(/ZA\w{6}/, userid) === request.path &&
      line.body?.action === action &&
      line.status === status,
  );
}

/** Python's names of types, as the trace kept outputs. */
function pythonShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(pythonShape);
  if (value === null) return 'NoneType';
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, pythonShape(part)]));
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'bool' : 'str';
}

function asNumbers(shape: unknown): unknown {
  return JSON.parse(JSON.stringify(shape).replaceAll(/"(int|float)"/g, '"number"'));
}

function fromTrace({ errmsg, output, overallRC, rc, rs, status }: TraceLine): object {
  return { status, overallRC, rc, rs, errmsg: textForm(errmsg), output: asNumbers(output) };
}

function told({ body, status }: Answer): object {
  const { errmsg, output, overallRC, rc, rs } = body as TraceLine;
  return { status, overallRC, rc, rs, errmsg: textForm(errmsg), output: pythonShape(output) };
}

function form({ body, contentType, status }: Answer): object {
  const { errmsg, output, ...codes } = body as { errmsg: string; output: unknown };
  return {
    status,
    contentType,
    ...codes,
    errmsg: textForm(errmsg).replaceAll(/ZA\w{6}|NOBODY1/g, userid),
    output: shapeOf(output),
  };
}

describe('every outcome of a call of nova’s z/VM driver during tempest', () => {
  it('has a state here in which it is due', () => {
    const outcomes = readOutcomes().map(({ status, what }) => `${what} ${status}`);

    expect(outcomes.toSorted()).toEqual(Object.keys(states).toSorted());
  });

  it.each(readOutcomes())('$what, $status, is the same in that state', async (outcome) => {
    const { like, prepare } = states[`${outcome.what} ${outcome.status}`]!;
    const url = await start({ release: '1.4.1' });
    await prepare(url);

    const answer = await replay(url, outcome.request);

    const line = traceOf(outcome);
    const recording = recordings.find(({ name }) => name === like);
    expect(line ?? recording).toBeDefined();
    expect(answer.contentType).toBe('application/json');
    if (line) expect(told(answer)).toEqual(fromTrace(line));
    if (recording) expect(form(answer)).toEqual(form(recording.response));
  });

  it('is the same when all calls are replayed in their order', async () => {
    const url = await start({ release: '1.4.1' });
    const calls = readLines(readFixture('nova-calls.jsonl')) as readonly TraceLine[];
    for (const name of new Set(calls.flatMap(({ path }) => path.split('?imagename=')[1] ?? [])))
      await call(url, 'POST /simulator/images', { name });

    const differences: string[] = [];
    for (const line of calls) {
      const answer = await replay(url, line);
      const { errmsg, overallRC } = answer.body as TraceLine;
      if (answer.status !== line.status || overallRC !== line.overallRC || errmsg !== line.errmsg)
        differences.push(
          `${line.method} ${line.path}: ${answer.status} ${errmsg}, recorded ${line.status} ${line.errmsg}`,
        );
    }

    expect(differences).toEqual([]);
  });
});
