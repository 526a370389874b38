/** A file of a log folder. */
export interface ManifestFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970; undefined: not known. */
  readonly modified?: number | undefined;
}

type Entry = FileEntry | FolderEntry;

interface FileEntry {
  readonly name: string;
  readonly mimetype: string;
  readonly encoding: 'gzip' | 'bzip2' | 'xz' | null;
  /** Seconds since 1970. */
  readonly last_modified: number;
  readonly size: number;
}

interface FolderEntry {
  readonly name: string;
  readonly mimetype: 'application/directory';
  readonly encoding: null;
  readonly children: Entry[];
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  csv: 'text/csv',
  js: 'text/javascript',
  json: 'application/json',
  xml: 'text/xml',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  tar: 'application/x-tar',
  zip: 'application/zip',
};

const encodings = { gz: 'gzip', bz2: 'bzip2', xz: 'xz' } as const;

/**
 * Content of `zuul-manifest.json`, as the role generate-zuul-manifest of zuul-jobs writes it and Zuul's pages, logjuicer and others read it:
 * the folder as a tree, in each folder those below it first, then the files, each by name.
 */
export function zuulManifest(files: readonly ManifestFile[]): { readonly tree: readonly Entry[] } {
  const root: Entry[] = [];
  const folders = new Map<string, Entry[]>([['', root]]);
  for (const file of files) {
    const names = file.path.split('/');
    const name = names.pop() ?? '';
    folderAt(folders, names).push(fileEntry(name, file));
  }
  for (const entries of folders.values()) entries.sort(byKindAndName);
  return { tree: root };
}

function folderAt(folders: Map<string, Entry[]>, names: readonly string[]): Entry[] {
  const path = names.join('/');
  const known = folders.get(path);
  if (known) return known;
  const children: Entry[] = [];
  folders.set(path, children);
  folderAt(folders, names.slice(0, -1)).push({
    name: names.at(-1) ?? '',
    mimetype: 'application/directory',
    encoding: null,
    children,
  });
  return children;
}

function fileEntry(name: string, { modified = 0, size }: ManifestFile): FileEntry {
  const [, packed] = /\.(gz|bz2|xz)$/.exec(name) ?? [];
  const encoding = packed === undefined ? null : encodings[packed as keyof typeof encodings];
  const inner = packed === undefined ? name : name.slice(0, -packed.length - 1);
  const ending = /\.([a-z0-9]{1,5})$/i.exec(inner)?.[1]?.toLowerCase() ?? '';
  const mimetype = Object.hasOwn(types, ending) ? (types[ending] ?? '') : 'text/plain';
  return { name, mimetype, encoding, last_modified: Math.floor(modified / 1000), size };
}

function byKindAndName(one: Entry, other: Entry): number {
  const kind = Number('children' in other) - Number('children' in one);
  return kind === 0 ? compare(one.name, other.name) : kind;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
