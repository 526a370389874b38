import ssh2 from 'ssh2';

export interface KeyPair {
  /** OpenSSH text. */
  readonly privateKey: string;
  /** As in authorized_keys. */
  readonly publicKey: string;
}

/** A new ed25519 key. ssh2 1.17 writes about one in two hundred in a form that it cannot read itself: those are thrown away. */
export function generateSshKey(comment: string): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error))
      return { privateKey: pair.private, publicKey: pair.public };
  }
}
