import { PdfError } from '../pdf-error.js';

const allowance = 20_000_000;

/**
 * What reading one file may cost, whatever it asks for: a unit is about ten nanoseconds of work, or
 * six bytes kept. A sound file needs little more than its length; one that was made to keep readers
 * busy (objects within objects, shared arrays, streams that unpack again and again) uses it up.
 */
export class Effort {
  private left: number;

  constructor(fileLength: number) {
    this.left = allowance + fileLength;
  }

  /** Throws `too-complex` when nothing is left. */
  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw new PdfError('too-complex', 'The file takes too much to read');
  }
}

/** Units that a value of its kind costs besides its bytes. */
export const costs = {
  ...{ token: 2, string: 40, array: 14, dict: 60, key: 8, reference: 10 },
  /** An entry of a cross-reference section or of an object stream. */
  entry: 20,
  cipher: 300,
};
