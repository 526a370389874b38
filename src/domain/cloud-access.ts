/** How to reach one OpenStack project in one region: what clouds.yaml says about one cloud. Secrets are plain here: never log this object. */
export interface CloudAccess {
  /** `Cloud.name`: the name in clouds.yaml, `NAME/REGION` where a label names the region. */
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

/** Where there is an id beside a name, the id counts; the name may then be empty. */
export type CloudCredential =
  | {
      readonly kind: 'password';
      readonly username: string;
      /** Without a domain. */
      readonly userId?: string;
      readonly password: string;
      readonly userDomainName: string;
      readonly userDomainId?: string;
      readonly projectName: string;
      /** Without a domain. */
      readonly projectId?: string;
      readonly projectDomainName: string;
      readonly projectDomainId?: string;
    }
  /** By `id`, or by `name` with `username` and `userDomainName`. */
  | {
      readonly kind: 'application-credential';
      readonly id?: string;
      readonly name?: string;
      readonly username?: string;
      readonly userId?: string;
      readonly userDomainName?: string;
      readonly userDomainId?: string;
      readonly secret: string;
    };
