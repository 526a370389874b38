import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeilongAddress } from './start-feilong.ts';

interface FeilongAnswer {
  readonly status: number;
  readonly body: {
    readonly overallRC?: number;
    readonly rc?: number;
    readonly rs?: number;
    readonly errmsg?: string;
    readonly output?: unknown;
  };
}

/** Whom to ask, and what shows that we may, where it wants to see that. */
export type AskedFeilong = Pick<FeilongAddress, 'url'> & { readonly adminToken?: string | undefined };

/** Any answer, whatever its status; a body that is no JSON is left out. A request is `METHOD /path`. */
export async function askFeilong(
  { adminToken, url }: AskedFeilong,
  request: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<FeilongAnswer> {
  const [method = '', path = ''] = request.split(' ');
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(await tokenOf(url, adminToken)), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const parsed = answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : {};
  return { status: answer.status, body: parsed as FeilongAnswer['body'] };
}

async function tokenOf(url: string, adminToken: string | undefined): Promise<Record<string, string>> {
  if (adminToken === undefined) return {};
  const answer = await fetch(`${url}/token`, { method: 'POST', headers: { 'x-admin-token': adminToken } });
  return { 'x-auth-token': answer.headers.get('x-auth-token') ?? '' };
}

/** As nova does, without an image. */
export async function createGuest(feilong: AskedFeilong, userid: string): Promise<void> {
  const guest = { userid, vcpus: 1, memory: 512, disk_list: [{ size: '1g', is_boot_disk: true }] };
  const { status, body } = await askFeilong(feilong, 'POST /guests', { guest });
  if (status !== 200 || body.overallRC !== 0) throw new Error(`guest ${userid}: ${status} ${body.errmsg}`);
}

/** The guests Feilong itself knows. */
export async function guestsOf(feilong: AskedFeilong): Promise<readonly string[]> {
  const { body } = await askFeilong(feilong, 'GET /guests');
  if (body.overallRC !== 0) throw new Error(`no list of guests: ${body.errmsg}`);
  return body.output as readonly string[];
}

/** Names of the images Feilong has. */
export async function imagesOf(feilong: AskedFeilong): Promise<readonly string[]> {
  const { body } = await askFeilong(feilong, 'GET /images');
  if (body.overallRC !== 0) throw new Error(`no list of images: ${body.errmsg}`);
  return (body.output as readonly { readonly imagename: string }[]).map(({ imagename }) => imagename);
}

/** Imports one from a file on Feilong's machine, as its administrator would. */
export async function addImage(feilong: AskedFeilong & Pick<FeilongAddress, 'place'>, name: string): Promise<void> {
  await writeFile(join(feilong.place.root, 'feilong/files', name), `xCAT CKD Disk Image:${'1000'.padStart(12)} CYL`);
  const image = {
    image_name: name,
    url: `file:///var/lib/feilong/files/${name}`,
    image_meta: { os_version: 'rhel7.2' },
  };
  const { status, body } = await askFeilong(feilong, 'POST /images', { image });
  if (status !== 200) throw new Error(`image ${name}: ${status} ${body.errmsg}`);
}

/** A guest of z/VM's directory that Feilong knows nothing of; only Feilong 1.6 can forget one. */
export async function orphanGuest(feilong: AskedFeilong, userid: string): Promise<void> {
  await createGuest(feilong, userid);
  const { status, body } = await askFeilong(feilong, `POST /guests/${userid}/action`, { action: 'deregister_vm' });
  if (status !== 200) throw new Error(`${userid} cannot be made an orphan: ${status} ${body.errmsg}`);
}
