/** SSH to test servers. Throws SidegateError with an `ssh-*` code. */
export interface RemoteShell {
  /** Connects, or gives the connection that is already open to that host. Host keys outside `hostKeys` are refused. */
  connect(host: RemoteHost): Promise<RemoteSession>;
  /** Closes the connection to that host, if any. */
  disconnect(host: RemoteHost): void;
}

export interface RemoteHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned host keys, each `TYPE BASE64`. */
  readonly hostKeys: readonly string[];
}

export interface RemoteSession {
  /**
   * Runs one command line. Output is handed over as it comes; standard input is `input`, kept open afterwards when `holdInput`.
   * Resolves with the exit status; rejects with `ssh-unreachable` when the connection broke before there was one.
   */
  run(command: string, options: RunOptions): Promise<number>;
}

export interface RunOptions {
  readonly input?: string;
  /** Keeps standard input open until `signal` fires or the command ends. */
  readonly holdInput?: boolean;
  readonly onStdout?: (chunk: Buffer) => void | Promise<void>;
  readonly onStderr?: (chunk: Buffer) => void;
  /** Ends standard input and the channel. */
  readonly signal?: AbortSignal;
}
