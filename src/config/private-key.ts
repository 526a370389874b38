const armour = /^-----BEGIN (?:OPENSSH |RSA |EC |ENCRYPTED )?PRIVATE KEY-----\r?\n/;

export function looksLikePrivateKey(text: string): boolean {
  return armour.test(text.trimStart());
}

/** Nobody is there to type a passphrase, and the error SSH gives for such a key is hard to read. */
export function isPassphraseProtected(text: string): boolean {
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  if (!text.includes('BEGIN OPENSSH PRIVATE KEY')) return false;
  const body = Buffer.from(text.replace(/-----[^-]*-----/g, ''), 'base64');
  // `openssh-key-v1` and a zero byte, then a length of four bytes and the name of the cipher.
  const magic = 15;
  if (body.length < magic + 4) return false;
  return body.toString('latin1', magic + 4, magic + 4 + body.readUInt32BE(magic)) !== 'none';
}
