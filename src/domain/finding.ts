/** One line of `sidegate doctor`. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly detail: string;
  /** Empty where nothing is to do. */
  readonly todo: string;
}
