import type { CloudAccess } from '../domain/cloud-access.ts';
import type { MailAccess } from '../domain/notice-access.ts';
import type { S3Access, SwiftAccess } from '../domain/object-store-access.ts';
import type { Secret } from '../domain/secret.ts';
import type { ScrubSettings } from '../domain/scrub/scrubber.ts';
import type { Settings } from '../domain/settings.ts';
import type { Problem } from './problem.ts';

/** All of `sidegate.yaml` and what it names, read, checked and defaulted. Paths are absolute, durations milliseconds. */
export interface Configuration {
  /** The file it came from. */
  readonly file: string;
  readonly state: {
    readonly directory: string;
    /** Undefined: the embedded PostgreSQL. */
    readonly databaseUrl: Secret | undefined;
  };
  readonly web: {
    readonly host: string;
    /** 0: any free one. */
    readonly port: number;
    /** Without a `/` at the end. */
    readonly publicUrl: string;
    /** Undefined: the pages can only be read. */
    readonly operatorPassword: Secret | undefined;
  };
  readonly logs: {
    readonly directory: string;
    readonly scrub: ScrubSettings;
    /** Undefined: logs stay in the directory. */
    readonly upload: UploadAccess | undefined;
  };
  readonly gerrit: readonly GerritConnection[];
  /** One for each cloud and region that labels name, and no other of clouds.yaml. */
  readonly clouds: readonly CloudAccess[];
  /** In the order of `settings.backends`. */
  readonly backends: readonly BackendAccess[];
  readonly ssh: {
    /** Undefined: make one in the state directory. */
    readonly privateKeyFile: string | undefined;
  };
  readonly notices: NoticeAccess;
  readonly settings: Settings;
  readonly logLevel: LogLevel;
  /** What to tell the operator at start. */
  readonly warnings: readonly Problem[];
}

/** The object store for logs, its secrets still closed. */
export type UploadAccess = SwiftAccess | (Omit<S3Access, 'accessKey' | 'secretKey'> & S3Secrets);

interface S3Secrets {
  readonly accessKey: Secret;
  readonly secretKey: Secret;
}

type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What settings must not carry around: secrets and certificates of a back end and its guards. */
export interface BackendAccess {
  readonly name: string;
  /** Feilong's admin token. */
  readonly token: Secret | undefined;
  /** PEM: whom to trust when Feilong speaks https. */
  readonly ca: string | undefined;
  /** PEM: what the guards show to workers. */
  readonly certificate: string | undefined;
  readonly key: Secret | undefined;
}

export interface NoticeAccess {
  /** Undefined: no e-mail. */
  readonly email: MailSecrets | undefined;
  readonly webhooks: readonly WebhookSecrets[];
}

export interface MailSecrets extends Omit<MailAccess, 'password' | 'timeout'> {
  readonly password: Secret | undefined;
}

export interface WebhookSecrets {
  readonly name: string;
  readonly url: Secret;
  readonly secret: Secret | undefined;
}

export interface GerritConnection {
  readonly name: string;
  readonly host: string;
  readonly sshPort: number;
  readonly username: string;
  readonly privateKeyFile: string;
  readonly privateKey: Secret;
  /** Pinned host keys, each `TYPE BASE64`. */
  readonly hostKeys: readonly string[];
  /** Web address without a `/` at the end. */
  readonly url: string;
  /** HTTP password. */
  readonly password: Secret;
  readonly keepaliveInterval: number;
  readonly keepaliveCount: number;
}
