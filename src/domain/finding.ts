/** One line of `sidegate doctor`. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly detail: string;
  /** Empty where nothing is to do. */
  readonly todo: string;
  /** Nobody looked: neither right, so `ok` is false, nor known to be wrong. */
  readonly unchecked?: true;
}

export function notChecked(what: string, why: string, todo = ''): Finding {
  return { ok: false, unchecked: true, what, detail: why, todo };
}
