import { oneLine } from './sanitize.ts';

/** RSA of 16384 bits has 2.8 kB; nothing else comes near. */
const maxLine = 8192;
const maxComment = 100;
const minRsaBytes = 2048 / 8;

/** Fields of a key blob behind its type: how many bytes each must have; undefined: any number. */
const fieldsOf: Readonly<Record<string, readonly (number | undefined)[]>> = {
  'ssh-ed25519': [32],
  'ecdsa-sha2-nistp256': [8, 65],
  'ecdsa-sha2-nistp384': [8, 97],
  'ecdsa-sha2-nistp521': [8, 133],
  'sk-ssh-ed25519@openssh.com': [32, undefined],
  'sk-ecdsa-sha2-nistp256@openssh.com': [8, 65, undefined],
  'ssh-rsa': [undefined, undefined],
};

/**
 * One line of authorized_keys, `TYPE BASE64 COMMENT`, from what somebody gave as their public key; or the words for why it is none. Options
 * are refused: `command=` and the like would be theirs to choose, and a line break would be a second key.
 */
export function parseSshPublicKey(text: string): { readonly line: string } | { readonly problem: string } {
  const line = text.trim();
  if (line === '') return { problem: 'is empty' };
  if (line.includes('PRIVATE KEY'))
    return { problem: 'is a private key: give the public one, the file that ends with .pub' };
  if (line.length > maxLine) return { problem: `is longer than ${maxLine} characters` };
  if (/[\n\r\0]/.test(line)) return { problem: 'has more than one line' };
  const [type = '', base64 = '', ...comment] = line.split(/[ \t]+/);
  const fields = Object.hasOwn(fieldsOf, type) ? fieldsOf[type] : undefined;
  if (!fields)
    return {
      problem: `must begin with one of ${Object.keys(fieldsOf).join(', ')}; options and certificates are refused`,
    };
  if (!isKey(base64, type, fields))
    return { problem: `is no whole ${type} key${type === 'ssh-rsa' ? ' of at least 2048 bits' : ''}` };
  const words = oneLine(comment.join(' '), maxComment).replace(/[^ -~]/g, '?');
  return { line: words === '' ? `${type} ${base64}` : `${type} ${base64} ${words}` };
}

function isKey(base64: string, type: string, expected: readonly (number | undefined)[]): boolean {
  const blob = Buffer.from(base64, 'base64');
  // Node ignores what is no base64: only the text that comes out again was all of it.
  if (blob.toString('base64') !== base64) return false;
  const [name, ...fields] = readFields(blob) ?? [];
  if (name?.toString('latin1') !== type || fields.length !== expected.length) return false;
  if (type === 'ssh-rsa') return fields[1]!.length >= minRsaBytes;
  return fields.every((field, index) => expected[index] === undefined || field.length === expected[index]);
}

/** Each field is its length in four bytes, then itself; undefined when that does not add up. */
function readFields(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
