import type { ServerLabel } from '../domain/settings.ts';

/** One OpenStack cloud (project and region). Throws SidegateError with a `cloud-*` or `server-*` code; calls are bounded in time. */
export interface Cloud {
  readonly name: string;

  /**
   * Creates the server, or finds the one an earlier call created for the same `mark.server`: a crash between request and answer
   * creates no second server. Returns its Nova id without waiting for it to boot.
   */
  ensureServer(request: ServerRequest): Promise<string>;

  /** State of one server; undefined when Nova does not know it (any more). */
  showServer(id: string): Promise<CloudServer | undefined>;

  /** Asks Nova to delete it. Deleting what is gone is not an error. */
  deleteServer(id: string): Promise<void>;

  /** Every server that carries this sidegate's mark. */
  listMarkedServers(owner: string): Promise<readonly CloudServer[]>;

  /** Last part of the console log (at most 100 KiB); empty where the server has none yet. */
  consoleLog(id: string): Promise<string>;

  /** Makes sure the keypair with this public key exists under this name. */
  ensureKeypair(name: string, publicKey: string): Promise<void>;
}

export interface ServerRequest {
  readonly label: ServerLabel;
  readonly name: string;
  readonly keypair: string;
  readonly mark: ServerMark;
}

/** Written into the server's metadata (`sidegate_owner`, `sidegate_server`) so that leftovers are known as ours, and only ours are deleted. */
export interface ServerMark {
  /** Id of the sidegate installation. */
  readonly owner: string;
  /** Id of the row in `servers`. */
  readonly server: string;
}

export interface CloudServer {
  readonly id: string;
  readonly name: string;
  /** Nova's word: BUILD, ACTIVE, ERROR, DELETED, … */
  readonly status: string;
  /** First fixed IPv4 address (or floating one where there is one); undefined while it has none. */
  readonly address: string | undefined;
  /** Message of Nova's fault for ERROR. */
  readonly fault: string | undefined;
  readonly mark: ServerMark | undefined;
}
