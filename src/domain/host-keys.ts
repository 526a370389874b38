/** Host keys cloud-init prints on the console, each `TYPE BASE64`. */
export function hostKeysOf(consoleLog: string): readonly string[] {
  const [, block = ''] =
    /-----BEGIN SSH HOST KEY KEYS-----([^]{0,20000}?)-----END SSH HOST KEY KEYS-----/.exec(consoleLog) ?? [];
  return block.split('\n').flatMap((line) => {
    // Kernel and cloud-init may put a prefix such as "ci-info:" before the key.
    const [, key] = /((?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/=]{40,2000})/.exec(line) ?? [];
    return key === undefined ? [] : [key];
  });
}
