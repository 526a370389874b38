/** What Feilong answers. Bodies and content types are those recorded in `test/fixtures/feilong`. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The four numbers Feilong tells errors apart by. */
export interface ReturnCode {
  readonly overallRC: number;
  readonly modID: number | null;
  readonly rc: number;
  readonly rs: number;
}

/** An answer other than success, thrown where it is found out. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(reply.body);
    this.reply = reply;
  }
}

export function ok(output: unknown): Reply {
  return answer(200, { overallRC: 0, modID: null, rc: 0, rs: 0 }, '', output);
}

export function failure(status: number, code: ReturnCode, errmsg: string): Reply {
  return answer(status, code, errmsg, '');
}

export function noSuchGuest(userid: string): Reply {
  return failure(404, { overallRC: 404, modID: 10, rc: 404, rs: 1 }, `Guest '${userid}' does not exist.`);
}

/** Feilong's database has the guest, z/VM's directory has not; of the power state alone. */
export function lostGuest(userid: string): Reply {
  const text = `Guest '${userid}' does not exist in directory although it is in DB. The guest could have been deleted out of z/VM Cloud Connector.`;
  return failure(404, { overallRC: 404, modID: 10, rc: 404, rs: 3 }, text);
}

export function noSuchImage(name: string): Reply {
  return failure(404, { overallRC: 404, modID: 40, rc: 404, rs: 1 }, `Image with name: ${name} does not exist.`);
}

/** Feilong's database has the guest already, although z/VM has it only now. */
export const duplicateRow =
  'Database operation failed, error: Execute SQL statements error: UNIQUE constraint failed: guests.userid';

/** "Operation on guest failed"; Feilong uses the text of rs 5, made for capture, for pause and adapters too. */
export function guestFailure(status: number, rs: number, text: string): Reply {
  return failure(status, { overallRC: 300, modID: 10, rc: 300, rs }, text);
}

export function imageFailure(status: number, rs: number, text: string): Reply {
  return failure(status, { overallRC: 300, modID: 40, rc: 300, rs }, text);
}

/** "Conflict" of network cards. */
export function nicConflict(rs: number, text: string): Reply {
  return failure(409, { overallRC: 409, modID: 20, rc: 409, rs }, text);
}

/** A defect of Feilong itself, told by its sdkserver (modID 100) or a part of it. */
export function internalFailure(modID: number, text: string): Reply {
  const errmsg = `Unexpected internal error in ZVM SDK, error: ${text}`;
  return failure(500, { overallRC: 500, modID, rc: 500, rs: 1 }, errmsg);
}

/** The REST half cannot talk to sdkserver. */
export function sdkserverFailure(status: number, rs: number, text: string): Reply {
  return failure(status, { overallRC: 101, modID: 110, rc: 101, rs }, text);
}

/** Refusal of Feilong's REST layer; `rs` is the HTTP status, and the content type is not always JSON there. */
export function restRefusal(status: number, errmsg: string, contentType = 'application/json; charset=UTF-8'): Reply {
  const body = { overallRC: 400, rc: 400, rs: status, modID: 120, output: '', errmsg };
  return { status, contentType, body: JSON.stringify(body) };
}

export function unauthorized(): Reply {
  return restRefusal(
    401,
    'This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.',
  );
}

/** Refusal of what is thrown inside a handler before it has an answer: JSON that says it is HTML. */
export function htmlRefusal(text: string): Reply {
  return { ...restRefusal(400, text, 'text/html; charset=UTF-8'), headers: { 'cache-control': 'no-cache' } };
}

/** `accept` decides about the form; undefined when the client sent none. */
export function noSuchPath(accept?: string): Reply {
  return statusPage(accept, 404, 'Not Found', 'The resource could not be found.<br /><br />\n\n\n');
}

export function methodNotAllowed(method: string, allowed: readonly string[], accept?: string): Reply {
  const text = `The method ${method} is not allowed for this resource. <br /><br />\nThe method specified is not allowed for this resource.`;
  return { ...statusPage(accept, 405, 'Method Not Allowed', text), headers: { allow: allowed.join(', ') } };
}

/** HTML for who accepts anything, text for who says nothing; JSON for who asks for it was not recorded, webob's source says it. */
function statusPage(accept: string | undefined, status: number, title: string, text: string): Reply {
  const heading = `${status} ${title}`;
  if (accept === undefined) {
    const body = `${heading}\n\n${text.replaceAll('<br />', '\n').replace(/\n+$/, '')}\n\n   `;
    return { status, contentType: 'text/plain; charset=UTF-8', body };
  }
  if (accept.includes('application/json') && !accept.includes('text/html')) {
    const detail = text.replaceAll('<br />', '');
    const body = JSON.stringify({ errors: [{ status, title, detail }] });
    return { status, contentType: 'application/json', body };
  }
  const body = `<html>\n <head>\n  <title>${heading}</title>\n </head>\n <body>\n  <h1>${heading}</h1>\n  ${text}\n </body>\n</html>`;
  return { status, contentType: 'text/html; charset=UTF-8', body };
}

function answer(status: number, code: ReturnCode, errmsg: string, output: unknown): Reply {
  const body = JSON.stringify({ ...code, errmsg, output });
  return { status, contentType: 'application/json', headers: { 'cache-control': 'no-cache' }, body };
}
