import { describe, expect, it } from '@jest/globals';
import { chain, leader, root, signerOf, stampAt } from '../pdf/testing/signers.js';
import { anchorOf } from '../x509/trust-anchor.js';
import { digestBytes } from '../x509/algorithms.js';
import { SignedData } from './signed-data.js';
import { withTimeStamp } from './stamped-cms.js';
import { verifyCades } from './verify-cades.js';

describe('A time stamp added later', () => {
  it('stands on the signature, which stays as it was, and so does one more', async () => {
    const content = Buffer.from('Quyết định');
    const cms = await signerOf(leader)(digestBytes('sha256', content), 'sha256');
    const { signature } = SignedData.read(cms).signers[0]!;
    const at = new Date('2026-03-01T00:00:00Z');
    const hash = digestBytes('sha256', signature);
    const token = Buffer.from(await stampAt(at)(hash, 'sha256'));
    const once = withTimeStamp(cms, token);
    const twice = withTimeStamp(once, token);
    for (const [stamped, stamps] of [
      [once, 1],
      [twice, 2],
    ] as const) {
      const [verdict] = verifyCades(SignedData.read(stamped), {
        ...{ content, certificates: chain, anchors: [anchorOf(root.certificate)], bound: true },
        requirements: { time: new Date('2026-06-01T00:00:00Z') },
      });
      expect(verdict).toMatchObject({ failures: [], moment: at, proved: true });
      expect(verdict!.signer.signature).toEqual(signature);
      expect(verdict!.timeStamps).toHaveLength(stamps);
    }
    expect(() => withTimeStamp(Buffer.from('30030201', 'hex'), token)).toThrow();
  });
});
