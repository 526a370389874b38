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

/** Feilong's database has the guest, z/VM's directory has not. */
export function lostGuest(userid: string): Reply {
  const text = `Guest '${userid}' does not exist in directory although it is in DB. The guest could have been deleted out of z/VM Cloud Connector.`;
  return failure(404, { overallRC: 404, modID: 10, rc: 404, rs: 3 }, text);
}

/** An error of z/VM's systems management interface (SMAPI), as Feilong passes it on. */
export interface SmapiError {
  readonly rc: number;
  readonly rs: number;
  readonly text: string;
}

export interface SmapiCall {
  readonly api: string;
  readonly request: string;
  readonly parameters: string;
}

export function smapiFailure(status: number, intro: string, error: SmapiError, call: SmapiCall): Reply {
  const { rc, rs, text } = error;
  const command = `cmd: sudo /opt/zthin/bin/smcli ${call.api} --addRCheader ${call.parameters}, out: ${text}`;
  const response = `(Error) ULTVMU0300E SMAPI API failed: ${call.api}, overall rc: 8, rc: ${rc}, rs: ${rs}, errno: 0, ${command}`;
  const results = `{'overallRC': 8, 'rc': ${rc}, 'rs': ${rs}, 'errno': 0, 'strError': '${text}', 'response': ['${response}']}`;
  const errmsg = `${intro}SMUT error: SMUT request failed. RequestData: '${call.request}', Results: '${results}'`;
  return failure(status, { overallRC: 8, modID: 1, rc, rs }, errmsg);
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

export function noSuchPath(): Reply {
  return html(404, 'Not Found', 'The resource could not be found.<br /><br />\n\n\n');
}

export function methodNotAllowed(method: string, allowed: readonly string[]): Reply {
  const text = `The method ${method} is not allowed for this resource. <br /><br />\nThe method specified is not allowed for this resource.`;
  return { ...html(405, 'Method Not Allowed', text), headers: { allow: allowed.join(', ') } };
}

function html(status: number, title: string, text: string): Reply {
  const heading = `${status} ${title}`;
  const body = `<html>\n <head>\n  <title>${heading}</title>\n </head>\n <body>\n  <h1>${heading}</h1>\n  ${text}\n </body>\n</html>`;
  return { status, contentType: 'text/html; charset=UTF-8', body };
}

function answer(status: number, code: ReturnCode, errmsg: string, output: unknown): Reply {
  const body = JSON.stringify({ ...code, errmsg, output });
  return { status, contentType: 'application/json', headers: { 'cache-control': 'no-cache' }, body };
}
