/** A back end's place for one worker. */
export interface SlotName {
  readonly backend: string;
  /** First characters of every userid made in it, whatever the generation; upper case. */
  readonly prefix: string;
}

/** A slot as one build has it. */
export interface LeasedSlot extends SlotName {
  /** Raised with every lease: leftovers of an earlier one never have the names of this one. */
  readonly generation: number;
}

/** z/VM's limit. */
const useridLength = 8;
const generations = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * First characters of the userids of one lease: a fresh devstack numbers its servers from 1 again, so without the generation a leftover
 * of the build before would have the name of this build's first server.
 */
export function workerPrefix({ prefix, generation }: Pick<LeasedSlot, 'prefix' | 'generation'>): string {
  return prefix + generations[generation % generations.length]!;
}

/** Whether a userid has the form of those workers make in the slot, in any generation: eight characters that end in digits of nova's number. */
export function isWorkerUserid(userid: string, prefix: string): boolean {
  const rest = userid.toUpperCase().slice(prefix.length + 1);
  return userid.length === useridLength && userid.toUpperCase().startsWith(prefix) && /^[0-9A-F]+$/.test(rest);
}

/** Nova's `instance_name_template`: fills userids to z/VM's eight characters. */
export function instanceNameTemplate(slot: Pick<LeasedSlot, 'prefix' | 'generation'>): string {
  const prefix = workerPrefix(slot);
  return `${prefix}%0${useridLength - prefix.length}x`;
}
