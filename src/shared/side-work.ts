/**
 * Starts work for several neighbours beside each other, for each one piece at a time: one that does not answer holds up none of the
 * others. What is asked for while a piece runs is left out; a loop asks again.
 */
export function createSideWork(onError: (key: string, error: unknown) => void) {
  const running = new Set<string>();
  return (key: string, work: () => Promise<unknown>): void => {
    if (running.has(key)) return;
    running.add(key);
    void work()
      .catch((error: unknown) => onError(key, error))
      .finally(() => running.delete(key));
  };
}
