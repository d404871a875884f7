import { setImmediate } from 'node:timers/promises';

/**
 * Lets others have their turn during long work of one's own: `const turn = turns()`, then
 * `await turn()` in the loop, which waits only when the work has had the event loop for `ms`.
 */
export function turns(ms = 20): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < ms) return;
    await setImmediate();
    since = performance.now();
  };
}
