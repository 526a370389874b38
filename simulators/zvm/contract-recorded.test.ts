import { afterEach, describe, expect, it } from 'vitest';
import { readRecordings, replay, shapeOf, textForm } from './recordings.ts';
import type { Recording } from './recordings.ts';
import type { Release } from './release.ts';
import { call, start, stopAll } from './test-client.ts';
import type { Answer } from './test-client.ts';

afterEach(stopAll);

type Step = readonly [lever: string, body?: object];

const once = (fault: object): Step => ['POST /simulator/faults', { ...fault, count: 1 }];

/** How the state of the recording is brought about, before the call of that name: there by the stand-in for the mainframe. */
const steps: Readonly<Record<string, readonly Step[]>> = {
  'guest-create-smapi': [once({ kind: 'smapi-error', api: 'Image_Create_DM' })],
  'guest-create-disk-smapi': [once({ kind: 'smapi-error', api: 'Image_Disk_Create_DM' })],
  'guest-create-udev': [once({ kind: 'no-udevadm' })],
  'locked-interface': [['POST /simulator/locks', { userid: 'ZA000001' }]],
  'off-pause': [['DELETE /simulator/locks/ZA000001']],
  'image-create-nofile': [once({ kind: 'scp-fails', of: 'image' })],
  'image-export-fails': [once({ kind: 'scp-fails', of: 'export' })],
  'deploy-nofile': [once({ kind: 'scp-fails', of: 'deploy' })],
  'deploy-unpack-fails': [once({ kind: 'unpack-fails' })],
  'start-smapi': [once({ kind: 'smapi-error', api: 'Image_Activate' })],
  'locked-delete': [once({ kind: 'locked', userid: 'ZA000001' })],
  'lost-get': [['DELETE /simulator/directory/ZA000003']],
  'lost-create-again': [['DELETE /simulator/directory/ZA000005']],
  'foreign-get': [['POST /simulator/directory', { userid: 'ZA000009', power: 'on' }]],
  'down-list': [['POST /simulator/faults', { kind: 'sdkserver-down' }]],
};

/** Answers that say something of the system itself: their fields are compared, not what is in them. */
const ofTheSystem =
  /^(host-host|host-host_guests|host-guests-end|image-query|image-list|image-export|console|guest-user-direct|guest-get|foreign-get-user_direct)$/;

interface Compared {
  readonly name: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

function compared({ name }: Recording, { body, contentType, status }: Answer): Compared {
  if (typeof body !== 'object' || body === null || !('overallRC' in body)) return { name, status, contentType, body };
  const { errmsg, output, ...codes } = body as unknown as { errmsg: string; output: unknown };
  const said = ofTheSystem.test(name) ? shapeOf(output) : inOrder(output);
  return { name, status, contentType, body: { ...codes, errmsg: textForm(errmsg), output: said } };
}

/** Feilong gives names in the order of random ids. */
function inOrder(output: unknown): unknown {
  return Array.isArray(output) && output.every((item) => typeof item === 'string') ? output.toSorted() : output;
}

async function replayAll(release: Release): Promise<{ real: Compared[]; simulated: Compared[] }> {
  const url = await start({ release, failsWithoutDisks: true, vswitches: ['VSW1'], capacity: { diskPool: 687 } });
  const recordings = readRecordings(release);
  const real: Compared[] = [];
  const simulated: Compared[] = [];
  for (const recording of recordings) {
    for (const [lever, body] of steps[recording.name] ?? []) {
      const pulled = await call(url, lever, body);
      if (pulled.status !== 200) throw new Error(`${lever}: ${JSON.stringify(pulled.body)}`);
    }
    real.push(compared(recording, recording.response));
    simulated.push(compared(recording, await replay(url, recording.request)));
  }
  return { real, simulated };
}

describe.each(['1.4.1', '1.6.3'] as const)('all that was recorded from a real Feilong %s', (release) => {
  it('is answered with the same statuses, content types, codes, texts and outputs, in the same states', async () => {
    const { real, simulated } = await replayAll(release);

    expect(real.length).toBeGreaterThan(170);
    expect(simulated).toEqual(real);
  });
});
