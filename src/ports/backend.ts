/** One z/VM behind one Feilong. Throws SidegateError with a `backend-*` code; calls are bounded in time. */
export interface Backend {
  readonly name: string;
  /** Resolves when Feilong and z/VM answer well; throws what is wrong otherwise. HTTP 200 with overallRC other than 0 is an error. */
  checkHealth(): Promise<BackendHealth>;
  /** Userids known to Feilong that start with the prefix, upper case. */
  listGuests(prefix: string): Promise<readonly string[]>;
  /** Deletes one guest. Deleting what is gone is not an error. */
  deleteGuest(userid: string): Promise<void>;
}

export interface BackendHealth {
  /** Name of the z/VM system. */
  readonly host: string;
  readonly version: string;
  /** GiB. */
  readonly diskAvailable: number;
  /** MiB. */
  readonly memoryFree: number;
}
