import { git } from './run.ts';
import type { FileChange } from '../state/model.ts';

const noObject = '0'.repeat(40);

/** What each commit did to which file, against its first parent. Merges count as no change of their own. */
export async function readFileChanges(
  directory: string,
  revisions: readonly string[],
): Promise<Map<string, FileChange[]>> {
  const args = ['diff-tree', '--stdin', '-r', '--root', '-z', '--raw', '--numstat', '--no-renames', '--no-abbrev'];
  const output = await git(args, { directory, input: `${revisions.join('\n')}\n` });
  const changes = parseDiffTree(output.toString('utf8').split('\0'));
  const blobs = new Set([...changes.values()].flat().flatMap(({ oldSha, newSha }) => [oldSha, newSha]));
  const sizes = await readSizes(directory, [...blobs]);
  for (const files of changes.values()) {
    for (const [index, file] of files.entries()) {
      files[index] = { ...file, oldSize: sizes.get(file.oldSha) ?? 0, newSize: sizes.get(file.newSha) ?? 0 };
    }
  }
  return changes;
}

/** Tokens: `<commit>`, then pairs `:mode mode sha sha STATUS`, `path`, then `insertions\tdeletions\tpath`. */
function parseDiffTree(tokens: readonly string[]): Map<string, FileChange[]> {
  const changes = new Map<string, FileChange[]>();
  let files: FileChange[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    if (/^[0-9a-f]{40}$/.test(token)) {
      files = [];
      changes.set(token, files);
    } else if (token.startsWith(':')) {
      index += 1;
      files.push(parseRaw(token, tokens[index] ?? ''));
    } else {
      addCounts(files, token);
    }
  }
  return changes;
}

function parseRaw(token: string, path: string): FileChange {
  const [oldMode = '', newMode = '', oldSha = '', newSha = '', status = 'M'] = token.slice(1).split(' ');
  return {
    path,
    status: status.slice(0, 1) as FileChange['status'],
    oldMode: Number.parseInt(oldMode, 8),
    newMode: Number.parseInt(newMode, 8),
    oldSha,
    newSha,
    insertions: 0,
    deletions: 0,
    oldSize: 0,
    newSize: 0,
  };
}

function addCounts(files: FileChange[], token: string): void {
  const [insertions, deletions, path] = token.split('\t');
  const index = files.findIndex((file) => file.path === path);
  const file = files[index];
  if (file === undefined) return;
  files[index] = { ...file, insertions: Number(insertions) || 0, deletions: Number(deletions) || 0 };
}

async function readSizes(directory: string, blobs: readonly string[]): Promise<Map<string, number>> {
  const wanted = blobs.filter((blob) => blob !== noObject);
  if (wanted.length === 0) return new Map();
  const format = '--batch-check=%(objectname) %(objectsize)';
  const output = await git(['cat-file', format], { directory, input: `${wanted.join('\n')}\n` });
  const lines = output.toString().trim().split('\n');
  return new Map(lines.map((line): [string, number] => [line.slice(0, 40), Number(line.slice(41)) || 0]));
}
