import { setTimeout as sleep } from 'node:timers/promises';
import { ZvmDriver } from '../driver.mjs';
import { Feilong, FeilongError } from '../feilong.mjs';

/** Thrown by a test that does not apply here. */
export class SkipTest extends Error {}

/** What all tests of a run share: the driver, and the numbers of the servers, which begin at 1 as in every fresh cloud. */
export class TestCloud {
  #pace;
  #lastNumber = 0;
  #calls = [];
  /** Servers that exist because of this run. */
  created = new Set();

  constructor({ url, prefix, pace }) {
    this.prefix = prefix;
    this.feilong = new Feilong(url, { userAgent: `example-zvm-driver/${prefix}`, onCall: (line) => this.#calls.push(line) });
    this.driver = new ZvmDriver(this.feilong, prefix);
    this.#pace = pace;
  }

  nextName() {
    this.#lastNumber += 1;
    return this.driver.instanceName(this.#lastNumber);
  }

  /** Lets people watch: does nothing unless EXAMPLE_PACE is set. */
  async pause() {
    if (this.#pace > 0) await sleep(this.#pace);
  }

  /** Calls to Feilong since the last time. */
  takeCalls() {
    return this.#calls.splice(0);
  }

  /** By Feilong and not by the driver, which is what is under test. */
  async remove(name) {
    if (!this.created.has(name)) return;
    await this.feilong.deleteGuest(name);
    this.created.delete(name);
  }
}

/** One running test. */
export class TestContext {
  #cloud;
  #cleanups = [];

  constructor(cloud) {
    this.#cloud = cloud;
    this.driver = cloud.driver;
    this.feilong = cloud.feilong;
    this.prefix = cloud.prefix;
  }

  /** Cleanups run last first, whether the test failed or not. */
  addCleanup(cleanup) {
    this.#cleanups.push(cleanup);
  }

  newName() {
    const name = this.#cloud.nextName();
    this.#cloud.created.add(name);
    this.addCleanup(() => this.#cloud.remove(name));
    return name;
  }

  async createServer(options = {}) {
    const name = this.newName();
    await this.driver.spawn({ name, ...options }).catch((error) => {
      // Somebody else has a server of that name: it must survive our cleanup.
      if (error instanceof FeilongError && error.status === 409 && error.call === 'POST /guests') this.#cloud.created.delete(name);
      throw error;
    });
    await this.#cloud.pause();
    return name;
  }

  async step(action) {
    const result = await action;
    await this.#cloud.pause();
    return result;
  }

  async cleanUp() {
    const problems = [];
    for (const cleanup of this.#cleanups.reverse()) await cleanup().catch((error) => problems.push(error));
    return problems;
  }
}
