/** Where logs become public. Paths are relative, with `/`; one that would leave the archive is refused. */
export interface LogArchive {
  /** Appends at `offset`: writing the same bytes twice changes nothing. A shorter file than `offset` is an error. */
  writeAt(path: string, offset: number, bytes: Buffer): Promise<void>;
  /** Bytes the file has; 0 when there is none. */
  size(path: string): Promise<number>;
  write(path: string, content: string | Buffer): Promise<void>;
  read(path: string, offset: number, limit: number): Promise<Buffer>;
  list(folder: string): Promise<readonly { readonly path: string; readonly size: number }[]>;
}
