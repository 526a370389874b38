import type { NetworkQuota, Quota, VolumeQuota } from './world.ts';

export interface OpenstackSimulatorOptions {
  /** Where the servers' directories live; one simulator at a time. */
  readonly directory: string;
  /** 0 or undefined: any free one. */
  readonly port?: number;
  /** The SSH port of every server; 0 or undefined: any free one. */
  readonly sshPort?: number;
  /** From create to ACTIVE, milliseconds. */
  readonly bootDelay?: number;
  /** False: servers have a console, but no SSH, no disk and no processes; then thousands of them are cheap. */
  readonly sshServers?: boolean;
  /** Limits of project ci, the same in each region. */
  readonly quota?: Partial<Quota>;
  readonly networkQuota?: Partial<NetworkQuota>;
  readonly volumeQuota?: Partial<VolumeQuota>;
  /** Login user of the image (`os_admin_user`). */
  readonly imageUser?: string;
  /** Milliseconds. */
  readonly tokenLifetime?: number;
  /** When the application credential ends, milliseconds since 1970. */
  readonly credentialExpiresAt?: number;
  /** Newest microversion of Nova, `2.60`; its own 2.93 where left out. */
  readonly maxMicroversion?: string;
  /** PEM files; undefined: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Of what happens by chance. */
  readonly seed?: number;
}
