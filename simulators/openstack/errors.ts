import { Refusal, htmlPage } from './http.ts';
import type { Answer } from './http.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  415: 'Unsupported Media Type',
};

const novaFaults: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
  413: 'overLimit',
};

export function keystoneError(status: number, message: string): Refusal {
  return new Refusal({ status, body: { error: { code: status, message, title: titles[status] ?? 'Error' } } });
}

/** Keystone's 403. */
export function forbidden(action: string): Refusal {
  return keystoneError(403, `You are not authorized to perform the requested action: ${action}.`);
}

export function novaError(status: number, message: string): Refusal {
  const headers = { 'Content-Type': 'application/json; charset=UTF-8' };
  const body = { [novaFaults[status] ?? 'computeFault']: { code: status, message } };
  return new Refusal({ status, headers, body });
}

/** Cinder's errors look like Nova's. */
export function cinderError(status: number, message: string): Refusal {
  const fault = { code: status, message };
  const headers = status === 413 ? { 'Retry-After': '0' } : {};
  return new Refusal({ status, headers, body: { [novaFaults[status] ?? 'computeFault']: fault } });
}

export function neutronError(status: number, type: string, message: string): Refusal {
  return new Refusal({ status, body: { NeutronError: { type, message, detail: '' } } });
}

export function glanceError(status: number, message: string, gap?: string): Refusal {
  return new Refusal({ status, body: htmlPage(`${status} ${titles[status] ?? 'Error'}`, message, gap) });
}

/** What keystonemiddleware answers in front of Nova and Neutron, and Keystone itself. */
export function unauthorized(authUrl: string): Answer {
  const message = 'The request you have made requires authentication.';
  const headers = { 'Www-Authenticate': `Keystone uri="${authUrl}"` };
  return { status: 401, headers, body: { error: { code: 401, title: 'Unauthorized', message } } };
}

/** The same in front of Glance. */
export function unauthorizedPage(authUrl: string): Answer {
  const text =
    'This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.';
  const headers = { 'Www-Authenticate': `Keystone uri="${authUrl}"` };
  return { status: 401, headers, body: htmlPage('401 Unauthorized', text) };
}

/** A value as Python prints it in Nova's schema errors. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonText(key)}: ${pythonText(item)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
