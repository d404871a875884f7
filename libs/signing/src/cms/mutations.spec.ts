import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DerError } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { extensions, keyPurposes } from '../oids.js';
import { digest, generalName, issue, nameOf, signWith } from '../testing/authority.js';
import { AlgorithmError } from '../x509/algorithms.js';
import { anchorOf } from '../x509/trust-anchor.js';
import { attributes, contentTypes } from './oids.js';
import { attribute, CmsSigner, LocalKey } from './sign-cms.js';
import { SignedData } from './signed-data.js';
import { imprintElement } from './time-stamp.js';
import { verifyCades } from './verify-cades.js';
import { verifyTimeStamp } from './verify-time-stamp.js';

/** Whoever signs may sign nonsense: reading may fail in its two ways, judging never throws. */
const time = new Date('2026-06-01');
const root = issue({ subject: 'CN=Root', ca: true });
const content = Buffer.from('content');
const anchors = [anchorOf(root.certificate)];

const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
  minLength: 1,
  maxLength: 3,
});
/** Octets changed behind the first few, which keep the whole together. */
function changed(bytes: Buffer, list: [number, number][], kept: number): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, mask] of list) copy[kept + (at % (copy.length - kept))]! ^= mask;
  return copy;
}

function read(bytes: Buffer): SignedData | undefined {
  try {
    return SignedData.read(bytes);
  } catch (error) {
    if (error instanceof DerError || error instanceof AlgorithmError) return undefined;
    throw error;
  }
}

describe('signed attributes that are nonsense', () => {
  const one = issue({ issuer: root });
  const { certificate } = one;
  const sha256 = encode.sequence(encode.oid('2.16.840.1.101.3.4.2.1'));
  const ecdsa = encode.sequence(encode.oid('1.2.840.10045.4.3.2'));
  const issuerSerial = encode.sequence(
    encode.sequence(generalName.directory(root.name)),
    encode.tlv(2, certificate.serial),
  );
  const reference = encode.sequence(
    sha256,
    encode.octetString(digest('sha256', certificate.bytes)),
    issuerSerial,
  );
  const protection = encode.sequence(sha256, encode.implicit(1, ecdsa));
  const set = encode.setOf(
    attribute(attributes.contentType, encode.oid(contentTypes.data)),
    attribute(attributes.messageDigest, encode.octetString(digest('sha256', content))),
    attribute(attributes.signingTime, encode.utcTime(time)),
    attribute(attributes.signingCertificateV2, encode.sequence(encode.sequence(reference))),
    attribute(attributes.algorithmProtection, protection),
  );

  const assemble = (signed: Buffer, unsigned?: Buffer) => {
    const signerInfo = encode.sequence(
      encode.integer(1),
      encode.sequence(certificate.issuer.der.whole, encode.tlv(2, certificate.serial)),
      sha256,
      encode.implicit(0, signed),
      ecdsa,
      encode.octetString(signWith(one.keys, signed)),
      ...(unsigned ? [encode.implicit(1, unsigned)] : []),
    );
    const data = encode.sequence(
      encode.integer(1),
      encode.setOf(sha256),
      encode.sequence(
        encode.oid(contentTypes.data),
        encode.explicit(0, encode.octetString(content)),
      ),
      encode.implicit(0, encode.setOf(certificate.bytes)),
      encode.setOf(signerInfo),
    );
    return encode.sequence(encode.oid(contentTypes.signedData), encode.explicit(0, data));
  };
  const verdicts = (bytes: Buffer) => {
    const signed = read(bytes);
    return signed && verifyCades(signed, { anchors, requirements: { time }, bound: true });
  };

  it('are judged without an error, and never taken for the sound ones', () => {
    expect(verdicts(assemble(set))).toMatchObject([{ failures: [] }]);
    fc.assert(
      fc.property(changes, (list) => {
        const nonsense = changed(set, list, 4);
        for (const { failures, signer } of verdicts(assemble(nonsense)) ?? []) {
          if (failures.length > 0) continue;
          // Only what says nothing to us may differ: the time that the signer claims, or an attribute
          // that is not known.
          expect(signer.signed(attributes.messageDigest)!.octets()).toEqual(
            digest('sha256', content),
          );
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('are judged without an error when they are not signed', () => {
    const stamp = attribute(attributes.signatureTimeStamp, assemble(set));
    const counter = attribute(attributes.countersignature, encode.sequence(encode.integer(1)));
    const unsigned = encode.setOf(stamp, counter, attribute('1.2.3', encode.nullValue()));
    fc.assert(
      fc.property(changes, (list) => {
        for (const { intact } of verdicts(assemble(set, changed(unsigned, list, 4))) ?? []) {
          expect(intact).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a TSTInfo that is nonsense', () => {
  it('is judged without an error', () => {
    const authority = issue({
      issuer: root,
      extensions: {
        [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
      },
      critical: { [extensions.extendedKeyUsage]: true },
    });
    const key = new LocalKey(
      authority.keys.privateKey,
      new CmsSigner({ certificate: authority.certificate }),
    );
    const info = encode.sequence(
      encode.integer(1),
      encode.oid('1.2.3.4'),
      imprintElement({ digest: 'sha256', hash: digest('sha256', content) }),
      encode.integer(7),
      encode.generalizedTime(time),
      encode.sequence(encode.integer(1), encode.implicit(0, encode.integer(5))),
      encode.boolean(true),
      encode.integer(99),
      encode.explicit(0, generalName.directory(nameOf('C=VN,CN=x'))),
    );
    fc.assert(
      fc.property(changes, (list) => {
        const token = key.sign({
          content: changed(info, list, 2),
          attached: true,
          contentType: contentTypes.tstInfo,
        });
        const { failures } = verifyTimeStamp(token, { stamped: content, anchors });
        expect(failures.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
