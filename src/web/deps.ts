import type { LogArchive } from '../ports/log-archive.ts';
import type { StatusRead } from '../ports/status.ts';
import type { Logger } from '../shared/logger.ts';
import type { Assets } from './assets.ts';
import type { LiveHub } from './live-hub.ts';

export interface WebOptions {
  readonly status: StatusRead;
  readonly archive: LogArchive;
  /** Folder served below `/logs/`. */
  readonly logsRoot: string;
  /** Address under which readers reach this server; only `/api` needs it. */
  readonly publicUrl: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly health: () => Promise<Health>;
  readonly log?: Logger;
  /** Pages that may be open at the same time; the next ones show the moment they were loaded. */
  readonly liveClients?: number;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: Record<string, string>;
}

/** What the routes need. */
export interface WebDeps extends WebOptions {
  readonly assets: Assets;
  readonly hub: LiveHub;
  /** Configured name of this CI; asked once. */
  readonly ciName: () => Promise<string>;
}
