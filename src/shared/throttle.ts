/** Calls `work` at most once in `pause` ms, and once more at the end for calls that came in between. */
export function throttle(work: () => void, pause: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  const tick = () => {
    timer = undefined;
    if (!again) return;
    again = false;
    run();
  };
  const run = () => {
    work();
    timer = setTimeout(tick, pause);
    timer.unref();
  };
  return () => {
    if (timer) again = true;
    else run();
  };
}
