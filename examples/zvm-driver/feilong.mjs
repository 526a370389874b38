/** What Feilong refused, with its own codes. */
export class FeilongError extends Error {
  constructor(call, status, answer) {
    super(`${call}: HTTP ${status}, overallRC ${answer.overallRC}, rc ${answer.rc}, rs ${answer.rs}: ${answer.errmsg}`);
    this.name = 'FeilongError';
    this.call = call;
    this.status = status;
    this.overallRC = answer.overallRC;
    this.rc = answer.rc;
    this.rs = answer.rs;
  }
}

/** Client of Feilong's REST interface: the calls a virt driver needs. */
export class Feilong {
  /** `onCall` is told about each call in one line of text. */
  constructor(url, { userAgent = 'example-zvm-driver', timeout = 60_000, onCall = () => {} } = {}) {
    this.url = url.replace(/\/+$/, '');
    this.userAgent = userAgent;
    this.timeout = timeout;
    this.onCall = onCall;
  }

  createGuest(guest) {
    return this.call('POST', '/guests', { guest });
  }

  createInterface(userid, osVersion, networks) {
    return this.call('POST', `/guests/${userid}/interface`, { interface: { os_version: osVersion, guest_networks: networks } });
  }

  /** start, stop, softstop, pause, unpause, reboot, reset, get_console_output, … */
  action(userid, action, parameters = {}) {
    return this.call('POST', `/guests/${userid}/action`, { action, ...parameters });
  }

  powerState(userid) {
    return this.call('GET', `/guests/${userid}/power_state`);
  }

  guestInfo(userid) {
    return this.call('GET', `/guests/${userid}/info`);
  }

  /** The lines of the guest's entry in z/VM's user directory. */
  async userDirect(userid) {
    return (await this.call('GET', `/guests/${userid}`)).user_direct;
  }

  /** Every guest this Feilong knows, upper case, other people's included. */
  listGuests() {
    return this.call('GET', '/guests');
  }

  /** Deleting what is gone is no error. */
  deleteGuest(userid) {
    return this.call('DELETE', `/guests/${userid}`);
  }

  async call(method, path, body) {
    const name = `${method} ${path}`;
    const began = performance.now();
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'user-agent': this.userAgent },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(this.timeout),
    });
    const text = await response.text();
    this.onCall(`${new Date().toISOString()} ${name} ${body === undefined ? '' : `${JSON.stringify(body)} `}-> ${response.status} ${Math.round(performance.now() - began)} ms`);

    const answer = parse(text) ?? { overallRC: response.status, errmsg: text.slice(0, 200) };
    // HTTP 200 alone means nothing: with its server process down Feilong says 200 and overallRC 101.
    if (!response.ok || answer.overallRC !== 0) throw new FeilongError(name, response.status, answer);
    return answer.output;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
