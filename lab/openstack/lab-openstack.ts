import { attachOpenstack } from './start-openstack.ts';
import type { OpenstackAddress, RealOpenstack } from './start-openstack.ts';

/** The OpenStack that `lab/run.ts` started; undefined outside of the lab. */
export function labOpenstack(): RealOpenstack | undefined {
  const address = process.env['OPENSTACK_LAB'];
  return address === undefined ? undefined : attachOpenstack(JSON.parse(address) as OpenstackAddress);
}
