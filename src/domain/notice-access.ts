/** How notices leave, secrets included. */
export interface MailAccess {
  readonly host: string;
  readonly port: number;
  /** `starttls` refuses to go on without; `tls` from the first byte; `none` never. */
  readonly tls: 'starttls' | 'tls' | 'none';
  /** PEM: whom to trust beside nobody else; undefined: the system's. */
  readonly ca: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  /** Of each step (ms). */
  readonly timeout: number;
}

export interface WebhookAccess {
  readonly name: string;
  readonly url: string;
  /** Signs what is sent. */
  readonly secret: string | undefined;
  readonly timeout: number;
}
