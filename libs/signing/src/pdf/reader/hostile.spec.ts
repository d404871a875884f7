import { describe, expect, it } from '@jest/globals';
import { stopwatch } from '../../testing/cost.js';
import { PdfError } from '../pdf-error.js';
import { prepareSignature } from '../sign/prepare.js';
import { hostilePdfs } from '../testing/hostile-pdfs.js';
import { examinePdf } from '../verify/examine.js';

/** Processor time of one call, and what came of it: an answer or a PdfError, nothing else. */
function cost(call: () => unknown): { ms: number; outcome: string } {
  const clock = stopwatch();
  try {
    call();
    return { ms: clock(), outcome: 'answered' };
  } catch (error) {
    if (!(error instanceof PdfError)) throw error;
    return { ms: clock(), outcome: error.code };
  }
}

describe('A file made to keep a reader busy', () => {
  it.each(Object.keys(hostilePdfs))('is answered or refused within a second: %s', (name) => {
    const pdf = hostilePdfs[name]!();
    const before = process.memoryUsage().rss;
    const examined = cost(() => examinePdf(pdf));
    const prepared = cost(() => prepareSignature(pdf));
    const growth = process.memoryUsage().rss - before;
    expect(examined.ms).toBeLessThan(1000);
    expect(prepared.ms).toBeLessThan(1000);
    expect(growth).toBeLessThan(256 * 1024 * 1024);
    expect(examined.outcome).toMatch(/^(?:answered|damaged|not-pdf|too-complex)$/);
  });
});
