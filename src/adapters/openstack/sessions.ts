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

/** How long a refused fresh token speaks against logging in again for the same service, milliseconds. */
const futileFor = 30_000;

export function createSessions(access: CloudAccess, send: Send): Sessions {
  let opening: Promise<Session> | undefined;
  const acceptedBy = new WeakMap<Session, Set<ServiceType>>();
  const futileUntil = new Map<ServiceType, number>();

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
    if (!acceptedBy.get(session)?.has(service)) {
      if (performance.now() < (futileUntil.get(service) ?? 0)) return false;
      futileUntil.set(service, performance.now() + futileFor);
    }
    opening = undefined;
    return true;
  }

  return {
    current,
    accepted(session, service) {
      const services = acceptedBy.get(session) ?? new Set();
      acceptedBy.set(session, services.add(service));
    },
    refused,
  };
}
