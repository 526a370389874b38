/** What a server with cloud-init says on its console. */
export function bootLines(id: string, hostname: string, addresses: readonly string[]): string[] {
  return [
    '[    0.000000] Linux version 6.1.0-simulated (sidegate)',
    `[    0.412003] systemd[1]: Hostname set to <${hostname}>.`,
    "cloud-init[341]: Cloud-init v. 23.1.2 running 'init'.",
    `ci-info: instance-id ${id}`,
    ...addresses.map((address, index) => `ci-info: eth${index} up ${address}`),
  ];
}

export function hostKeyLines(publicKey: string, hostname: string): string[] {
  const [type, blob] = publicKey.split(' ');
  return ['-----BEGIN SSH HOST KEY KEYS-----', `${type} ${blob} root@${hostname}`, '-----END SSH HOST KEY KEYS-----'];
}

/** What a kernel says last. */
export function panicLines(): string[] {
  return [
    '[  812.143201] Kernel panic - not syncing: Fatal exception in interrupt',
    '[  812.143977] CPU: 0 PID: 4711 Comm: qemu-img Not tainted 6.1.0-simulated',
    '[  812.144820] ---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---',
  ];
}

export function finishedLines(hostname: string): string[] {
  const finished = `cloud-init[612]: Cloud-init v. 23.1.2 finished at ${new Date().toUTCString()}.`;
  return [finished, '', `${hostname} login: `];
}
