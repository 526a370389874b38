/** What there is of clouds that are no longer configured. `configured`: names of those that are. */
export interface LeftCloudStore {
  /** Lets go of servers there that wait for a build or boot for the pool. */
  releaseServersOutside(configured: readonly string[]): Promise<void>;
  /** By cloud, the names of the servers that are not deleted. */
  serversOutside(configured: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Closes notices about such clouds that nobody would ever close. */
  closeNoticesOutside(configured: readonly string[]): Promise<void>;
  /** Counts servers of a cloud that wait for their deletion as deleted. Returns their names. */
  forgetServers(cloud: string): Promise<readonly string[]>;
}
