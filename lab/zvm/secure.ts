import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { makeCertificate } from '../../src/shared/testing/make-certificate.ts';
import type { RealFeilong } from '../feilong/start-feilong.ts';

/** As long as Feilong wants it. */
export const adminToken = 'sidegate-lab-sidegate-lab-sidegate-lab-tok';

/** TLS between worker and guard, TLS and a token between guard and Feilong. */
export interface Secured {
  /** PEM; the worker's nova trusts it. */
  readonly certificate: string;
  /** Of the back end in sidegate.yaml. */
  readonly backend: { readonly url: string; readonly token: object; readonly ca_file: string };
  readonly guard: { readonly certificate: string; readonly key: string };
  readonly close: () => Promise<void>;
}

/** Feilong's web server is put behind one that speaks TLS, as its documentation says. `folder` gets certificate, key and token. */
export async function secure(feilong: RealFeilong, folder: string): Promise<Secured> {
  const { address, restPort } = feilong.place;
  const { cert, key } = makeCertificate(address);
  const files = { certificate: join(folder, 'lab.pem'), key: join(folder, 'lab.key'), token: join(folder, 'token') };
  await writeFile(files.certificate, cert);
  await writeFile(files.key, key, { mode: 0o600 });
  await writeFile(files.token, adminToken, { mode: 0o600 });
  const front = createServer({ cert, key }, (incoming) => {
    const outgoing = connect(restPort, address);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  });
  front.listen(0, address);
  await once(front, 'listening');
  const { port } = front.address() as { port: number };
  return {
    certificate: cert,
    backend: { url: `https://${address}:${port}`, token: { file: files.token }, ca_file: files.certificate },
    guard: { certificate: files.certificate, key: files.key },
    close: async () => {
      front.close();
    },
  };
}
