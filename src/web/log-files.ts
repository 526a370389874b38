import { isPlainName } from '../domain/log-path.ts';
import { isMissing, pathInside } from '../shared/inside-root.ts';

const maxUrl = 4096;

/** The names in the address, each decoded once; undefined for everything that is not plainly a file or folder of the logs. */
export function askedNames(
  pathname: string,
  prefix: string,
): { names: readonly string[]; folder: boolean } | undefined {
  if (pathname.length > maxUrl || !pathname.startsWith(prefix)) return undefined;
  const folder = pathname.endsWith('/');
  const encoded = pathname.slice(prefix.length).replace(/\/$/, '');
  if (encoded === '') return { names: [], folder: true };
  const names = encoded.split('/').map(decoded);
  const plain = names.filter((name) => name !== undefined).filter((name) => isPlainName(name) && !name.startsWith('.'));
  return plain.length === names.length ? { names: plain, folder } : undefined;
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** undefined: the root itself is not there yet, because nothing has been logged. */
export async function logPath(root: string, names: readonly string[]): Promise<string | undefined> {
  try {
    return await pathInside(root, names);
  } catch (error) {
    if (names.length === 0 && isMissing(error)) return undefined;
    throw error;
  }
}
