import type { CloudCapacity } from '../domain/capacity.ts';
import type { ServerPlace } from '../domain/settings.ts';

/**
 * Where test servers come from: one OpenStack project in one region, or a rack of hosts. Throws SidegateError with a `cloud-*` or
 * `server-*` code; every call is bounded in time. While the circuit breaker is open all calls fail at once with `cloud-unreachable`.
 */
export interface Cloud {
  /** Name in clouds.yaml, `NAME/REGION` where a label names the region, or the name of a rack. */
  readonly name: string;

  /**
   * Creates the server with its ports, volume and floating address, or finds what an earlier call created for the same `mark.server`: a
   * crash between request and answer creates nothing twice. Returns its id without waiting for it to boot. Given up in time, it throws
   * `cloud-unreachable`, or `server-boot-timeout` while a volume is being filled; what was made by then is found by the next call.
   */
  ensureServer(request: ServerRequest): Promise<string>;

  /** State of one server; undefined when the cloud does not know it (any more). */
  showServer(id: string): Promise<CloudServer | undefined>;

  /**
   * One step towards nothing being left of a server: asks for its deletion, and once it is gone deletes the ports, floating addresses and
   * volumes with its mark. True when nothing is left. Called again until then; `force` asks for more than an ordinary deletion.
   */
  removeServer(server: ServerRemains, force: boolean): Promise<boolean>;

  /** Everything in the project that carries this owner's mark, whatever made it. */
  listMarked(owner: string): Promise<readonly MarkedResource[]>;

  /** Asks for the deletion of one of them; of a server by `force` for more than an ordinary one. Deleting what is gone is not an error. */
  deleteMarked(resource: MarkedResource, force?: boolean): Promise<void>;

  /** Last part of the console log (at most 100 KiB); empty where the server has none yet. */
  consoleLog(id: string): Promise<string>;

  /** Makes sure the keypair with this public key exists under this name. */
  ensureKeypair(name: string, publicKey: string): Promise<void>;

  /** What quota, other users of the project and the sizes of these places' flavors leave room for. */
  capacity(places: readonly ServerPlace[]): Promise<CloudCapacity>;

  /** The circuit breaker, from memory. */
  health(): CloudHealth;

  /** Images of our own making; undefined where there are no images (a rack). */
  readonly images: CloudImages | undefined;
}

export interface CloudImages {
  /**
   * Asks for a snapshot of a stopped or running server, or finds the one an earlier call asked for under this name. Returns its id; it is
   * usable once `showImage` says `active`.
   */
  ensureSnapshot(request: SnapshotRequest): Promise<string>;
  /** Undefined when there is no such image. */
  showImage(id: string): Promise<CloudImage | undefined>;
  /** Deleting what is gone is not an error. */
  deleteImage(id: string): Promise<void>;
}

export interface SnapshotRequest {
  /** Id of the server, as `ensureServer` gave it. */
  readonly server: string;
  /** Unique: an earlier snapshot is found by it. */
  readonly name: string;
  readonly mark: ImageMark;
}

/** Written into the properties of the image (`sidegate_owner`, `sidegate_image`). */
export interface ImageMark {
  readonly owner: string;
  /** Id of the row in `images`. */
  readonly image: string;
}

export interface CloudImage {
  readonly id: string;
  readonly name: string;
  /** Glance's word: queued, saving, active, killed, deleted, … */
  readonly status: string;
}

export interface ServerRequest {
  readonly place: ServerPlace;
  /** Availability zone; undefined: the cloud chooses. */
  readonly zone: string | undefined;
  /** Id of an image to boot instead of the place's own, as for a canary; undefined: the newest active one of the place's pattern. */
  readonly imageId: string | undefined;
  readonly name: string;
  readonly keypair: string;
  readonly mark: ServerMark;
  /**
   * Milliseconds until a cloud that does not take the order is given up. What it works on visibly, as on a volume, does not count; and a
   * request that creates something is waited for, for what it made would be lost.
   */
  readonly patience: number;
  /** When it is given up in any case, milliseconds since 1970. */
  readonly deadline: number;
}

/** Written on everything that belongs to the server, so that leftovers are known as ours, and only ours are deleted. */
export interface ServerMark {
  /** Id of the sidegate installation. */
  readonly owner: string;
  /** Id of the row in `servers`. */
  readonly server: string;
}

/** What is known of a server that shall go. */
export interface ServerRemains {
  /** Undefined: sidegate may have died before it noted the id; it is looked for by its mark. */
  readonly id: string | undefined;
  readonly mark: ServerMark;
  /** Undefined: no longer configured; then everything it could have is looked for. */
  readonly place: ServerPlace | undefined;
}

export type ResourceKind = 'server' | 'port' | 'floating-ip' | 'volume' | 'keypair' | 'image';

export interface MarkedResource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  /** Id of the row in `servers` (of an image: in `images`) it was made for; undefined for a keypair. */
  readonly of: string | undefined;
  /** Nova's word for a server, Neutron's for a port …, to show. */
  readonly status: string;
}

export interface CloudServer {
  readonly id: string;
  readonly name: string;
  /** Nova's word: BUILD, ACTIVE, ERROR, DELETED, … */
  readonly status: string;
  /** Address to log in at: the floating one where the place has one, else the first fixed IPv4 address, else an IPv6 one. Undefined while it has none. */
  readonly address: string | undefined;
  /** Message of Nova's fault for ERROR. */
  readonly fault: string | undefined;
  /** Glance id of the image it was booted from, where known. */
  readonly imageId: string | undefined;
  /** SSH host keys (`TYPE BASE64`) that are known without the console, as of a rack's host. */
  readonly hostKeys: readonly string[];
  readonly mark: ServerMark | undefined;
}

export interface CloudHealth {
  /** `open`: calls fail at once until `until`; `half-open`: one call tries whether it works again. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** Why it is open; empty while it is closed. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until: number | undefined;
}
