import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/**
 * Whether a connection comes from the worker, however its address is written. One on this machine has many addresses and calls from whichever
 * the system chooses. Throws when the worker's address is none: by a name nobody could be recognised.
 */
export function workerCheck(worker: string): (remote: string | undefined) => boolean {
  if (isIP(worker) === 0) throw new Error(`the worker ${worker} is no IP address`);
  const own = new BlockList();
  own.addAddress(worker, family(worker));
  const list = loopback.check(worker, family(worker)) ? loopback : own;
  return (remote = '') => isIP(remote) !== 0 && list.check(remote, family(remote));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
