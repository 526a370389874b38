import type { FoundFile, SearchedFolder } from '../../domain/artifacts.ts';
import { shellQuote } from './payload.ts';

/** Bytes of names that are looked at. */
export const maxListing = 16 * 1024 * 1024;

export interface FoundOnServer {
  readonly files: readonly FoundFile[];
  /** Below the artifact folder: links and whatever else is no plain file. */
  readonly others: readonly string[];
}

/** Reads what belongs to root too, where the user may. */
export const asRoot = `S=; sudo -n true 2>/dev/null && S='sudo -n'`;

export function inArtifacts(jobId: string): string {
  return `cd "$HOME"/.sidegate/${shellQuote(jobId)}/artifacts 2>/dev/null`;
}

/** Prints `f SIZE PATH` for each plain file and `o 0 PATH` for the others, each with a NUL behind it. Needs GNU find. */
export function findCommand(jobId: string, elsewhere: readonly SearchedFolder[]): string {
  const plain = String.raw`-type f -printf 'f %s %p\0'`;
  const inside = String.raw`( ${inArtifacts(jobId)} && find . ${plain} -o ! -type d -printf 'o 0 %p\0' )`;
  // A folder or file that the rules name may be a link; what is found below it may not.
  const others = elsewhere.map(({ depth, path }) => `$S find -H ${shellQuote(path)} -maxdepth ${depth} ${plain}`);
  const lines = [inside, ...(others.length > 0 ? [asRoot] : []), ...others];
  return `{ ${lines.join('\n')}\n} 2>/dev/null | head -c ${maxListing}`;
}

export function parseFound(listing: string): FoundOnServer {
  const files = new Map<string, FoundFile>();
  const others: string[] = [];
  for (const line of listing.split('\0')) {
    const [, kind, size, path = ''] = /^([fo]) (\d{1,15}) ([^]+)$/.exec(line) ?? [];
    const name = path.replace(/^(?:\.\/)+/, '');
    if (kind === 'f') files.set(name, { path: name, size: Number(size) });
    if (kind === 'o') others.push(name);
  }
  return { files: [...files.values()], others };
}
