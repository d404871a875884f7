/** Why a message cannot be composed of what was given. */
export class ComposeError extends Error {
  /** The property that is wrong, as JMAP names it, for example `header:X-A:asText` or `textBody/0`. */
  readonly property: string;

  constructor(property: string, message: string) {
    super(`${property}: ${message}`);
    this.property = property;
  }
}
