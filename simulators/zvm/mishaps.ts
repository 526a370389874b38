import type { Faults } from './faults.ts';
import { setPower } from './system.ts';
import type { DirectoryEntry, ZvmSystem } from './system.ts';

/** What happens to guests later, without anybody's call. */
export interface Mishaps {
  /** Looks for faults that befall a guest that was started. */
  afterStart(entry: DirectoryEntry): void;
  stopSdkserver(seconds: number): void;
  isSdkserverStopped(): boolean;
  close(): void;
}

export function createMishaps(system: ZvmSystem, faults: Faults, random: () => number): Mishaps {
  const timers = new Set<NodeJS.Timeout>();
  let stoppedUntil = 0;

  function later(seconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, seconds * 1000);
    timers.add(timer);
  }

  return {
    afterStart(entry) {
      const { userid } = entry;
      const isThere = () => system.directory.get(userid) === entry;
      const vanish = faults.take('vanish', { userid });
      if (vanish)
        later(vanish.seconds * random(), () => {
          if (isThere()) vanishGuest(system, userid);
        });
      const powerOff = faults.take('power-off', { userid });
      if (powerOff)
        later(powerOff.seconds * random(), () => {
          if (isThere() && entry.power === 'on') setPower(entry, 'off');
        });
    },
    stopSdkserver(seconds) {
      stoppedUntil = Date.now() + seconds * 1000;
    },
    isSdkserverStopped: () => Date.now() < stoppedUntil,
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Somebody deletes a guest without Feilong: its row in Feilong's database stays. */
export function vanishGuest(system: ZvmSystem, userid: string): boolean {
  if (!system.directory.delete(userid)) return false;
  system.audit.record('vanished', userid, 'z/VM');
  return true;
}
