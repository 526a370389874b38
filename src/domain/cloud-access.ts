/** How to reach one OpenStack project: what clouds.yaml says about one cloud. Secrets are plain here: never log this object. */
export interface CloudAccess {
  /** Name of the cloud in clouds.yaml. */
  readonly name: string;
  /** Keystone's address as written, usually ending in `/v3`. */
  readonly authUrl: string;
  readonly credential: CloudCredential;
  /** Undefined: the only region the catalog has. */
  readonly region: string | undefined;
  readonly interface: 'public' | 'internal' | 'admin';
  /** False: certificates are not checked. */
  readonly verify: boolean;
  /** PEM text (not a path) of the CA certificates to trust. */
  readonly caCertificate: string | undefined;
  /** Limit of one request, in milliseconds. */
  readonly apiTimeout: number;
}

export type CloudCredential =
  | {
      readonly kind: 'password';
      readonly username: string;
      readonly password: string;
      readonly userDomainName: string;
      readonly projectName: string;
      readonly projectDomainName: string;
    }
  /** By `id`, or by `name` with `username` and `userDomainName`. */
  | {
      readonly kind: 'application-credential';
      readonly id?: string;
      readonly name?: string;
      readonly username?: string;
      readonly userDomainName?: string;
      readonly secret: string;
    };
