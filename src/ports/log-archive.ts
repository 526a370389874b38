/** Where logs become public. Paths are relative, with `/`; one that would leave the archive is refused. */
export interface LogArchive {
  /**
   * Appends at `offset`, which is what `size` said or where the last part ended: writing the same bytes twice changes nothing. A shorter file
   * is an error.
   */
  writeAt(path: string, offset: number, bytes: Buffer): Promise<void>;
  /**
   * Ends a file that grew by `writeAt`. What is behind its last line end may be half a secret, so it is kept back until more comes or this is
   * called: `write` it, or `drop` it where another process may go on at `size`.
   */
  finish(path: string, rest: 'write' | 'drop'): Promise<void>;
  /** Bytes the file has; 0 when there is none. */
  size(path: string): Promise<number>;
  write(path: string, content: string | Buffer): Promise<void>;
  read(path: string, offset: number, limit: number): Promise<Buffer>;
  /** Deletes a folder with all it holds, and the folders above that become empty. Nothing there is no error. */
  remove(folder: string): Promise<void>;
  /** How full the place is, from 0 to 1. */
  usage(): Promise<number>;
  /** At most `limit` files, 10,000 if it is left out. `modified`: ms since 1970, where it is known. */
  list(
    folder: string,
    limit?: number,
  ): Promise<readonly { readonly path: string; readonly size: number; readonly modified?: number }[]>;
}
