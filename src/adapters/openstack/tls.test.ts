import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import { hasOpenssl, makeCertificate } from '../../shared/testing/make-certificate.ts';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
import { openCloud, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

describe.skipIf(!hasOpenssl)('a cloud with TLS (needs the program openssl)', () => {
  let simulated: SimulatedCloud;
  let front: Front;
  let certificate: string;

  beforeAll(async () => {
    const made = makeCertificate();
    certificate = made.cert;
    simulated = await startSimulatedCloud();
    front = await startFront(simulated.access.authUrl, made);
  });

  afterAll(async () => {
    await front.close();
    await simulated.close();
  });

  function list(changes: Partial<CloudAccess>): Promise<readonly unknown[]> {
    return openCloud({ ...simulated.access, authUrl: front.authUrl, ...changes }).listMarked('me');
  }

  test('whose certificate is in cacert is trusted', async () => {
    const marked = await list({ caCertificate: certificate });

    expect(marked).toEqual([]);
  });

  test('whose certificate nobody signed is refused', async () => {
    const attempt = list({});

    await expect(attempt).rejects.toMatchObject({
      code: 'cloud-unreachable',
      detail: expect.stringContaining('self-signed certificate') as string,
    });
  });

  test('that has another name than its certificate is refused', async () => {
    const attempt = list({
      caCertificate: certificate,
      authUrl: front.authUrl.replace('127.0.0.1', 'localhost'),
    });

    await expect(attempt).rejects.toMatchObject({
      code: 'cloud-unreachable',
      detail: expect.stringContaining("does not match certificate's altnames") as string,
    });
  });

  test('is not checked with verify: false', async () => {
    const marked = await list({ verify: false });

    expect(marked).toEqual([]);
  });
});
