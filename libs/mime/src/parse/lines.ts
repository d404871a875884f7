const CR = 13;
const LF = 10;

/** A line of octets: lines end with LF, and a CR before it belongs to the end. */
export interface Line {
  start: number;
  /** After the last octet of its text. */
  end: number;
  /** First octet of the line that follows. */
  next: number;
}

/** The line that begins at `start`; the last one may lack its end. */
export function lineAt(octets: Buffer, start: number): Line {
  const lf = octets.indexOf(LF, start);
  if (lf < 0) return { start, end: octets.length, next: octets.length };
  return { start, end: lf > start && octets[lf - 1] === CR ? lf - 1 : lf, next: lf + 1 };
}

/** Where the text before the line that begins at `start` ends: its line end is left out. */
export function endBefore(octets: Buffer, start: number, floor: number): number {
  let end = start;
  if (end > floor && octets[end - 1] === LF) end--;
  if (end > floor && end < start && octets[end - 1] === CR) end--;
  return end;
}
