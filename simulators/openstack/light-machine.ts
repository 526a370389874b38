import { bootLines, finishedLines, hostKeyLines, panicLines } from './boot-messages.ts';
import type { Machine } from './machine.ts';

export interface LightMachineOptions {
  readonly id: string;
  readonly hostname: string;
  readonly addresses: () => readonly string[];
  /** Undefined: none is shown, as of a server that boots without SSH. */
  readonly hostKey: string | undefined;
}

/** A server that has a console and nothing else: for clouds with thousands of them. */
export class LightMachine implements Machine {
  readonly #options: LightMachineOptions;
  #text = '';

  constructor(options: LightMachineOptions) {
    this.#options = options;
  }

  install(): Promise<void> {
    return Promise.resolve();
  }

  powerOn(): Promise<void> {
    const { id, hostname, addresses, hostKey } = this.#options;
    const keys = hostKey === undefined ? [] : hostKeyLines(hostKey, hostname);
    const lines = [...bootLines(id, hostname, addresses()), ...keys, ...finishedLines(hostname)];
    this.#text += lines.map((line) => `${line}\r\n`).join('');
    return Promise.resolve();
  }

  powerOff(): Promise<void> {
    return Promise.resolve();
  }

  panic(): Promise<void> {
    this.#text += panicLines()
      .map((line) => `${line}\r\n`)
      .join('');
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  readdress(): Promise<void> {
    return Promise.resolve();
  }

  saveFiles(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  console(): Promise<string> {
    return Promise.resolve(this.#text);
  }
}
