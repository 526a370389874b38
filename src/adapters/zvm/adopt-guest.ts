import { errorCode } from '../../domain/errors.ts';
import type { FeilongClient } from './client.ts';

/**
 * Makes a guest of z/VM's directory one of Feilong's, which deletes no others. Feilong 1.6.3 answers 409 ("No NIC found") to a guest
 * without a network interface, and has registered it all the same: whether it worked shows only when it is deleted.
 */
export async function adoptGuest(client: FeilongClient, userid: string): Promise<void> {
  const body = { action: 'register_vm', meta: 'os_version=rhel7.2', net_set: '1' };
  try {
    await client.post(`/guests/${encodeURIComponent(userid)}/action`, body);
  } catch (error) {
    if (errorCode(error) !== 'backend-refused') throw error;
  }
}
