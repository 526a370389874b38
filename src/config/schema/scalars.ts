import { z } from 'zod';
import { parseDuration, parseSize } from '../units.ts';

/** One line of text for people. */
export function line(description: string) {
  return z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}]*$/u, { error: 'must be one line without control characters' })
    .describe(description);
}

/** Names of our own things. They become parts of paths, URLs and result lines: no blanks, no slashes, no dot at the start. */
export function name(description: string) {
  const rule = 'must consist of letters, digits, `.`, `_` and `-`, and start with a letter or digit';
  return z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: rule })
    .describe(description);
}

/** Words of a neighbour (an image, a flavor, a user): anything on one line. */
export function foreignName(description: string) {
  return line(description);
}

/** A path relative to the folder of the configuration file. */
export function path(description: string) {
  return z
    .string()
    .min(1)
    .max(4096)
    .regex(/^[^\0\n]*$/, { error: 'must be a path' })
    .describe(description);
}

/** A shell script, in the file itself or in one of its own, beside other keys. */
export function scriptSchema<Shape extends z.ZodRawShape>(keys: Shape) {
  const run = z
    .string()
    .min(1)
    .max(1024 * 1024)
    .describe('the script itself, after `run: |`')
    .optional();
  return z
    .strictObject({ ...keys, run, script: path('a file with the script').optional() })
    .refine(
      (value: { run?: unknown; script?: unknown }) => (value.run === undefined) !== (value.script === undefined),
      {
        error: 'needs either `run` or `script`',
      },
    );
}

export function duration(description: string, limits: { readonly min: string; readonly max: string }) {
  return z
    .string()
    .transform((text, context) => {
      const value = parseDuration(text);
      if (value === undefined)
        return refuse(context, 'must be a number with a unit: ms, s, m, h or d, such as 90s, 15m, 2h');
      const fits = value >= (parseDuration(limits.min) ?? 0) && value <= (parseDuration(limits.max) ?? 0);
      return fits ? value : refuse(context, `must be between ${limits.min} and ${limits.max}`);
    })
    .describe(description);
}

export function size(description: string) {
  return z
    .string()
    .transform((text, context) => {
      const value = parseSize(text);
      if (value === undefined)
        return refuse(context, 'must be a number with a unit: B, KiB, MiB, GiB or TiB, such as 100MiB');
      return value > 0 ? value : refuse(context, 'must be more than nothing');
    })
    .describe(description);
}

/** An http(s) address without user, query and fragment; a `/` at the end is dropped, so that paths can be appended. */
export function httpUrl(description: string) {
  return z
    .string()
    .max(2000)
    .transform((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (!url || !/^https?:\/\//i.test(text) || url.hostname === '')
        return refuse(context, 'must be an address such as https://ci.example.com');
      if (url.username !== '' || url.password !== '') return refuse(context, 'must not hold user and password');
      if (url.search !== '' || url.hash !== '') return refuse(context, 'must not hold `?` or `#`');
      return url.href.replace(/\/+$/, '');
    })
    .describe(description);
}

/** `host:port` to listen on. */
export function listenAddress(description: string) {
  return z
    .string()
    .transform((text, context) => {
      const [, host = '', port = ''] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(text) ?? [];
      if (host === '' || Number(port) > 65_535) return refuse(context, 'must be HOST:PORT, such as 127.0.0.1:8000');
      return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
    })
    .describe(description);
}

export function port(description: string) {
  return z.int().min(1).max(65_535).describe(description);
}

/** A secret is never written into the file itself: the file is shown around, kept in git and printed. */
export function secretReference(description: string) {
  const file = z.strictObject({ file: path('a file that holds nothing but the secret') });
  const env = z.strictObject({
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .describe('name of an environment variable'),
  });
  return z
    .union([file, env], {
      error: ({ input }) =>
        typeof input === 'string' ? 'must not be written here' : 'must be {file: PATH} or {env: NAME}',
    })
    .describe(`${description}: {file: PATH} (mode 0600) or {env: NAME}`);
}

export type SecretReference = z.infer<ReturnType<typeof secretReference>>;

/** One host key or a list of them, each normalised to `TYPE BASE64`. */
export function hostKeys(description: string) {
  return z
    .union([hostKey(), z.array(hostKey()).min(1).max(20)], { error: 'must be `TYPE BASE64`, or a list of them' })
    .transform((keys) => (typeof keys === 'string' ? [keys] : keys))
    .describe(description);
}

/** `[HOST] TYPE BASE64 [COMMENT]`; normalised to `TYPE BASE64`. */
function hostKey() {
  return z.string().transform((text, context) => {
    const [, type = '', blob = ''] =
      /(?:^|\s)(ssh-[a-z0-9-]+|ecdsa-sha2-nistp[0-9]+) ([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(text) ?? [];
    const bytes = Buffer.from(blob, 'base64');
    // The blob starts with its own type: a length of four bytes, then the name.
    const inner = bytes.length > 4 ? bytes.toString('latin1', 4, 4 + bytes.readUInt32BE(0)) : '';
    if (type !== '' && inner === type) return `${type} ${blob}`;
    context.addIssue({ code: 'custom', message: 'must be `TYPE BASE64`' });
    return z.NEVER;
  });
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
