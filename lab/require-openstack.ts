import { labOpenstack } from './openstack/lab-openstack.ts';

/** Lab tests skip themselves where there is no OpenStack; here none may. */
export function setup(): void {
  if (!labOpenstack()) throw new Error('OPENSTACK_LAB is not set: run `npm run test:lab`.');
}
