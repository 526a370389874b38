/** Whether a connection comes from the worker. One on this machine has many addresses and calls from whichever the system chooses. */
export function isWorker(remote: string | undefined, worker: string): boolean {
  // An IPv4 address as an IPv6 socket writes it.
  const address = (remote ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  return address === worker || (isLoopback(address) && isLoopback(worker));
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}
