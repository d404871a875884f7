/** A value in one line: line ends are taken out, the white space after them stays (RFC 5322, 2.2.3). */
export function unfold(value: string): string {
  return value.includes('\n') ? value.replace(/\r?\n/g, '') : value;
}
