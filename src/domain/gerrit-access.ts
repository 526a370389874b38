/** How to reach one Gerrit, and as whom. Secrets are plain here: never log this object. */
export interface GerritAccess {
  /** Configured name of the connection. */
  readonly name: string;
  readonly host: string;
  readonly sshPort: number;
  readonly username: string;
  /** PEM or OpenSSH text, not a path. */
  readonly privateKey: string;
  /** Pinned host keys, each `TYPE BASE64`. */
  readonly hostKeys: readonly string[];
  /** Gerrit's web address without a trailing slash. */
  readonly url: string;
  /** HTTP password from Gerrit's settings page. */
  readonly password: string;
  /** Milliseconds between SSH keepalives. */
  readonly keepaliveInterval: number;
  /** Unanswered keepalives after which the connection counts as dead. */
  readonly keepaliveCount: number;
  /** Limit of one REST request and of the SSH login, in milliseconds. */
  readonly requestTimeout: number;
}
