import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { call, createGuests, output, start, stopAll } from './test-client.ts';
import type { Answer } from './test-client.ts';

const fixtures = new URL('../../test/fixtures/feilong/', import.meta.url);

afterEach(stopAll);

interface Recorded {
  readonly request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  readonly response: { status: number; headers: Record<string, string>; body: unknown };
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(new URL(`${name}.json`, fixtures), 'utf8')) as Recorded;
}

/** Plays recorded requests in order; both sides of each: what was recorded and what the simulator says. */
async function replay(
  url: string,
  names: readonly string[],
): Promise<{ real: [string, Answer][]; simulated: [string, Answer][] }> {
  const real: [string, Answer][] = [];
  const simulated: [string, Answer][] = [];
  for (const name of names) {
    const { request, response } = recorded(name);
    real.push([
      name,
      { status: response.status, contentType: response.headers['Content-Type'] ?? null, body: response.body },
    ]);
    simulated.push([name, await call(url, `${request.method} ${request.path}`, request.body, request.headers)]);
  }
  return { real, simulated };
}

describe('the same calls as were recorded from a real Feilong 1.4.1', () => {
  it('give the same answers, errors included', async () => {
    const url = await start({ release: '1.4.1', vswitches: [] });
    const life = [
      'guests-empty',
      'guest-create-400-name',
      'guest-create-400-missing',
      'guest-create-TCA00001',
      'guest-create-TCA00002',
    ];
    const errors = ['guest-create-409', 'guest-action-400', 'guest-action-404', 'guest-get-404', '404-path', '405'];
    const looks = [
      'guest-create-TCB00001',
      'guests',
      'guest-get',
      'guest-info',
      'guest-power-off',
      'guest-start',
      'guest-power-on',
      'guest-stop',
    ];
    const ends = [
      'guest-delete',
      'guest-delete-again',
      'guest-delete-404',
      'guest-delete-TCA00001',
      'images',
      'vswitches',
    ];

    const { real, simulated } = await replay(url, [...life, ...errors, ...looks, ...ends]);

    expect(simulated).toEqual(real);
  });

  it('give the same refusals when tokens are wanted', async () => {
    const url = await start({ release: '1.4.1', adminToken: 'secret' });

    const { real, simulated } = await replay(url, [
      'version-401-no-token',
      '401-bad-token',
      'token-401-no-admin',
      'token-401-bad-admin',
    ]);

    expect(simulated).toEqual(real);
  });

  it('give the recorded SMAPI error while a delete fails, and work afterwards', async () => {
    const url = await start({ release: '1.4.1' });
    await createGuests(url, 'TCA00002');
    await call(url, 'POST /simulator/faults', { kind: 'delete-fails', userid: 'tca00002', count: 1 });

    const { real, simulated } = await replay(url, ['guest-delete-500-smapi', 'guest-delete-TCA00002', 'guests-after']);

    expect(simulated).toEqual(real);
  });

  it('describe the host with the same fields', async () => {
    const url = await start({ release: '1.4.1' });

    const { real, simulated } = await replay(url, ['host', 'host-diskpool', 'version']);

    const fields = (answers: [string, Answer][]) => answers.map(([, answer]) => Object.keys(output(answer) as object));
    expect(fields(simulated)).toEqual(fields(real));
  });
});
