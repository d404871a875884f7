import { describe, expect, it } from '@jest/globals';
import { measure } from '../../testing/measure.js';
import { hostilePdfs } from '../testing/hostile-pdfs.js';

const megabyte = 1024 * 1024;

// The promise is one second and 256 MB. Time is processor time, which other load does not lengthen.
describe('A file made to keep a reader busy', () => {
  it.each(Object.keys(hostilePdfs))('is answered or refused at once: %s', (name) => {
    const { runs, peakBytes } = measure(hostilePdfs[name]!(), 'examine-pdf', 'prepare-pdf');
    for (const { outcome, ms } of runs) {
      expect(outcome).toMatch(/^(?:answered|damaged|not-pdf|too-complex)$/);
      expect(ms).toBeLessThan(1000);
    }
    expect(peakBytes).toBeLessThan(256 * megabyte);
  });
});
