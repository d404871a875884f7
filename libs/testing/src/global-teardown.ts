import { running } from './global-setup.js';

/** Stops what `global-setup` started. */
export default async function stop() {
  await running.stop?.();
}
