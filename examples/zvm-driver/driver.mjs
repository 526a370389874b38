import { FeilongError } from './feilong.mjs';

/** nova's power states, by the words Feilong uses. */
const powerStates = { on: 'RUNNING', off: 'SHUTDOWN' };

const osVersion = 'rhel7.2';

/** A small virt driver for z/VM: what nova asks of one, over Feilong. */
export class ZvmDriver {
  /** `prefix` keeps the servers of several drivers on one z/VM apart. */
  constructor(feilong, prefix) {
    this.feilong = feilong;
    this.prefix = prefix;
  }

  /** As nova's `instance_name_template` makes names: prefix and hexadecimal digits, eight characters in all. */
  instanceName(number) {
    return `${this.prefix}${number.toString(16).padStart(8 - this.prefix.length, '0')}`;
  }

  /** Creates a virtual server and starts it. After a failure nothing is left of it. */
  async spawn({ name, vcpus = 1, memoryMb = 512, diskGb = 1, networks = [] }) {
    // Outside of the clean-up below: a guest of that name that exists already is not ours to delete.
    await this.feilong.createGuest({ userid: name, vcpus, memory: memoryMb, disk_list: [{ size: `${diskGb}g`, is_boot_disk: true }] });
    try {
      if (networks.length > 0) await this.feilong.createInterface(name, osVersion, networks);
      await this.feilong.action(name, 'start');
    } catch (error) {
      await this.feilong.deleteGuest(name);
      throw error;
    }
  }

  /** What nova shows of a server. */
  async getInfo(name) {
    const info = await this.feilong.guestInfo(name);
    return { state: powerStates[info.power_state] ?? 'NOSTATE', vcpus: info.num_cpu, memoryMb: Math.round(info.mem_kb / 1024) };
  }

  async powerState(name) {
    return powerStates[await this.feilong.powerState(name)] ?? 'NOSTATE';
  }

  async instanceExists(name) {
    const guests = await this.feilong.listGuests();
    return guests.includes(name.toUpperCase());
  }

  /** Names of this driver's own servers. Feilong keeps names in upper case. */
  async listInstances() {
    const guests = await this.feilong.listGuests();
    return guests.filter((userid) => userid.startsWith(this.prefix.toUpperCase()));
  }

  powerOn(name) {
    return this.feilong.action(name, 'start');
  }

  powerOff(name) {
    return this.feilong.action(name, 'softstop', { timeout: 60, poll_interval: 10 });
  }

  /** SOFT asks the operating system, HARD resets the machine. */
  reboot(name, type = 'SOFT') {
    return this.feilong.action(name, type === 'HARD' ? 'reset' : 'reboot');
  }

  pause(name) {
    return this.feilong.action(name, 'pause');
  }

  unpause(name) {
    return this.feilong.action(name, 'unpause');
  }

  /** Destroying a server that is gone is no error. */
  async destroy(name) {
    try {
      await this.feilong.deleteGuest(name);
    } catch (error) {
      if (!(error instanceof FeilongError) || error.status !== 404) throw error;
    }
  }
}
