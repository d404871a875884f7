// What `npm start` says: to whoever waits for it in seconds since it began, later by the clock.

const began = performance.now();

/** Seconds since the start. */
export const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;

export const say = (text: string) => process.stdout.write(`${text}\n`);

/** A step of the start. */
export const progress = (text: string) => say(`${elapsed().padStart(7)}  ${text}`);

/** Something that happened in a house that stands. */
export const tell = (text: string) => say(`${new Date().toLocaleTimeString('vi-VN')}  ${text}`);
