import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server on a free port that keeps what it is sent. */
export interface Mailbox {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Mails are refused with this until it is undefined. */
  refuse(words: string | undefined): void;
  stop(): Promise<void>;
}

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  /** As it came: headers and body. */
  readonly source: string;
}

export interface MailboxOptions {
  /** PEM; with it, TLS is offered. */
  readonly certificate?: string;
  readonly key?: string;
  /** TLS from the first byte. */
  readonly secure?: boolean;
  /** Who may send; undefined: everybody. */
  readonly login?: { readonly user: string; readonly password: string };
}

export async function startMailbox({ certificate, key, login, secure = false }: MailboxOptions = {}): Promise<Mailbox> {
  const mails: Mail[] = [];
  let refusal: string | undefined;
  const server = new SMTPServer({
    secure,
    logger: false,
    authOptional: login === undefined,
    ...(certificate === undefined ? { hideSTARTTLS: true } : { cert: certificate, key }),
    onAuth: ({ password, username }, _, answer) => {
      if (username === login?.user && password === login?.password) answer(null, { user: username });
      else answer(new Error('wrong user or password'));
    },
    onData: (stream, { envelope, secure: isSecure, user }, answer) => {
      void text(stream).then((source) => {
        if (refusal !== undefined) return answer(Object.assign(new Error(refusal), { responseCode: 451 }));
        mails.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          secure: isSecure,
          user: user === undefined ? undefined : String(user),
          source,
        });
        answer();
      });
    },
  });
  // A client that refuses the certificate is not the server's failure.
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    mails,
    refuse: (words) => {
      refusal = words;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
