/** Held while somebody finds out whether reports of a job are stopped, or changes it. */
export function stopLock(job: string): string {
  return `reports of ${job}`;
}

/** Of the notice. Not the job's name: notices of that are closed by its next result. */
export function stopSubject(job: string): string {
  return `reports of ${job}`;
}
