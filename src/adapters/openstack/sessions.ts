import type { CloudAccess } from '../../domain/cloud-access.ts';
import { openSession } from './keystone.ts';
import type { Send, ServiceType, Session } from './keystone.ts';

/** The login that all callers share. */
export interface Sessions {
  /** Logs in unless there is a token that still holds. */
  current(): Promise<Session>;
  accepted(session: Session, service: ServiceType): void;
  /**
   * The service answered 401: true when it is worth trying again with `current()`, which has another token then. False when this
   * service takes not even tokens fresh from Keystone: with a login for each call we would only burden Keystone.
   */
  refused(session: Session, service: ServiceType): Promise<boolean>;
}

/** So many fresh tokens may be refused by a service in a row before it gets no more of them for some time. */
const futileLimit = 3;
/** Milliseconds. */
const futileFor = 30_000;

export function createSessions(access: CloudAccess, send: Send): Sessions {
  let opening: Promise<Session> | undefined;
  const acceptedBy = new WeakMap<Session, Set<ServiceType>>();
  const futile = new Map<ServiceType, { readonly logins: number; readonly until: number }>();

  function open(): Promise<Session> {
    const opened = openSession(access, send);
    opening = opened;
    opened.catch(() => forget(opened));
    return opened;
  }

  /** By identity: whoever comes late must not throw away the login of somebody else. */
  function forget(old: Promise<Session>): void {
    if (opening === old) opening = undefined;
  }

  async function current(): Promise<Session> {
    const shared = opening ?? open();
    const session = await shared;
    if (session.renewAt > Date.now()) return session;
    forget(shared);
    return opening ?? open();
  }

  async function refused(session: Session, service: ServiceType): Promise<boolean> {
    const shared = opening;
    const latest = await shared?.catch(() => undefined);
    if (latest !== session || shared !== opening) return true;
    if (!acceptedBy.get(session)?.has(service) && isFutile(service)) return false;
    opening = undefined;
    return true;
  }

  function isFutile(service: ServiceType): boolean {
    const now = performance.now();
    const { logins, until } = futile.get(service) ?? { logins: 0, until: 0 };
    if (until >= now && logins >= futileLimit) return true;
    futile.set(service, { logins: until < now ? 1 : logins + 1, until: now + futileFor });
    return false;
  }

  return {
    current,
    accepted(session, service) {
      const services = acceptedBy.get(session) ?? new Set();
      acceptedBy.set(session, services.add(service));
      futile.delete(service);
    },
    refused,
  };
}
