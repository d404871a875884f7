import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { Der } from '../asn1/der.js';
import * as ca from '../testing/authority.js';
import { issue, type Keys, type Party } from '../testing/authority.js';
import { OpenSsl } from '../testing/openssl.js';
import type { SignatureScheme } from '../x509/algorithms.js';
import { anchorOf } from '../x509/trust-anchor.js';
import { attributes, contentTypes } from './oids.js';
import {
  attribute,
  CmsSigner,
  LocalKey,
  SignatureMismatch,
  type SignerOptions,
  type SigningRequest,
} from './sign-cms.js';
import { SignedData } from './signed-data.js';
import { type CmsQuestion, verifySignedData } from './verify-cms.js';

const time = new Date('2026-06-01');
const content = Buffer.from('Ủy ban nhân dân tỉnh\n');
const root = issue({ subject: 'CN=Root', ca: true });
const authority = issue({ subject: 'CN=CA', issuer: root, ca: true });
const ssl = new OpenSsl();
afterAll(() => ssl.close());

const question = (more: Partial<CmsQuestion> = {}): CmsQuestion => ({
  content,
  anchors: [anchorOf(root.certificate)],
  certificates: [authority.certificate],
  requirements: { time },
  bound: true,
  ...more,
});
const codesOf = (cms: Buffer, more?: Partial<CmsQuestion>) =>
  verifySignedData(SignedData.read(cms), question(more)).map(({ failures }) =>
    failures.map(({ code }) => code),
  );

const party = (keys?: Keys): Party => issue({ issuer: authority, keys });
const options = ({ certificate }: Party): SignerOptions => ({
  certificate,
  chain: [authority.certificate, root.certificate],
});
const signerOf = (one: Party, more: Partial<SignerOptions> = {}) =>
  new CmsSigner({ ...options(one), ...more });
const sign = (one: Party, request: Partial<SigningRequest> = {}, more?: Partial<SignerOptions>) =>
  new LocalKey(one.keys.privateKey, signerOf(one, more)).sign({ content, ...request });

const pss: SignatureScheme = {
  kind: 'rsa-pss',
  digest: 'sha256',
  maskDigest: 'sha256',
  saltLength: 32,
};
const kinds: [string, Keys, SignatureScheme?][] = [
  ['RSA', ca.rsaKeys()],
  ['RSASSA-PSS', ca.rsaKeys(), pss],
  ['P-256', ca.ecKeys()],
  ['P-384', ca.ecKeys('P-384', 'sha384')],
  ['P-521', ca.ecKeys('P-521', 'sha512')],
  ['Ed25519', ca.edwardsKeys('ed25519')],
  ['Ed448', ca.edwardsKeys('ed448')],
];

describe.each(kinds)('a signature with %s', (_, keys, scheme) => {
  const one = party(keys);
  const more = scheme ? { scheme } : {};
  // OpenSSL 3.0 makes and reads no CMS with keys of these curves.
  const edwards = keys.scheme.digest === 'none';

  it('is what we and OpenSSL both verify, detached and attached', async () => {
    ssl.certificates('root.pem', [root.certificate]);
    ssl.write('content', content);
    for (const attached of [false, true]) {
      const cms = sign(one, { attached, signingTime: time }, more);
      expect(codesOf(cms, attached ? { content: undefined } : {})).toEqual([[]]);
      if (edwards) continue;
      ssl.write('cms.der', cms);
      const given = attached ? [] : ['-content', 'content'];
      const answer = await ssl.ask(
        'cms',
        '-verify',
        '-cades',
        '-inform',
        'DER',
        '-in',
        'cms.der',
        '-CAfile',
        'root.pem',
        '-binary',
        '-attime',
        '1780272000',
        '-purpose',
        'any',
        ...given,
      );
      expect(answer.ok ? '' : answer.text).toBe('');
    }
  });

  it('by OpenSSL is one that we verify', async () => {
    if (edwards) return;
    ssl.key('key.pem', one);
    ssl.certificates('signer.pem', [one.certificate]);
    ssl.certificates('ca.pem', [authority.certificate]);
    ssl.write('content', content);
    const padding = scheme
      ? ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32']
      : [];
    // OpenSSL 3.0 cannot stream with this padding.
    const streamed = scheme ? [] : [['-nodetach', '-stream', '-indef']];
    for (const form of [['-nodetach'], [], ...streamed]) {
      const answer = await ssl.ask(
        'cms',
        '-sign',
        '-cades',
        '-binary',
        '-md',
        one.keys.scheme.digest,
        '-in',
        'content',
        '-signer',
        'signer.pem',
        '-inkey',
        'key.pem',
        ...padding,
        '-certfile',
        'ca.pem',
        '-outform',
        'DER',
        '-out',
        'cms.der',
        ...form,
      );
      expect(answer.ok ? '' : answer.text).toBe('');
      expect(
        codesOf(ssl.read('cms.der'), {
          content: form.length ? undefined : content,
          certificates: [],
        }),
      ).toEqual([[]]);
    }
  });
});

describe('signing in two phases', () => {
  const one = party();
  it('gives the octets, takes the signature, and refuses a wrong one', () => {
    const prepared = signerOf(one).prepare({ content: { digest: Buffer.alloc(32, 1) } });
    const signature = ca.signWith(one.keys, prepared.bytes);
    expect(prepared.digest).toHaveLength(32);
    expect(codesOf(prepared.complete(signature), { content: () => Buffer.alloc(32, 1) })).toEqual([
      [],
    ]);
    expect(() => prepared.complete(ca.signWith(ca.ecKeys(), prepared.bytes))).toThrow(
      SignatureMismatch,
    );
    expect(() => prepared.complete(Buffer.alloc(3))).toThrow(SignatureMismatch);
    expect(() => new LocalKey(ca.ecKeys().privateKey, signerOf(one))).toThrow(SignatureMismatch);
  });
});

describe('a signature is refused', () => {
  const one = party();
  const cms = sign(one, { attached: true });

  it('over another content', () => {
    expect(codesOf(sign(one), { content: Buffer.from('other') })).toEqual([['digest-mismatch']]);
    expect(codesOf(sign(one), { content: undefined })).toEqual([['content-missing']]);
    expect(codesOf(cms, { content: Buffer.from('other') })).toEqual([['content-ambiguous']]);
  });
  it('by an unknown signer, or one without a path', () => {
    expect(codesOf(cms, { anchors: [anchorOf(issue({ ca: true }).certificate)] })).toEqual([
      ['no-path'],
    ]);
    const alone = new LocalKey(
      one.keys.privateKey,
      new CmsSigner({ certificate: one.certificate }),
    ).sign({ content });
    const at = SignedData.read(alone);
    expect(at.certificates).toHaveLength(1);
    expect(codesOf(alone, { certificates: [] })).toEqual([['no-path']]);
  });
  it('when its certificate was expired at that time', () => {
    const old = issue({ issuer: authority, to: '2025-01-01' });
    expect(codesOf(sign(old))).toEqual([['expired']]);
  });
});

/** A SignedData put together by hand, right or wrong. */
interface Parts {
  contentType?: string;
  eContent?: Buffer;
  signed?: Buffer[] | null;
  /** Bytes in place of the set of signed attributes. */
  signedSet?: Buffer;
  digests?: Buffer[];
  digest?: Buffer;
  algorithm?: Buffer;
  signature?: (bytes: Buffer) => Buffer;
  unsigned?: Buffer[];
}

const sha256 = encode.sequence(encode.oid('2.16.840.1.101.3.4.2.1'));
const sha512 = encode.sequence(encode.oid('2.16.840.1.101.3.4.2.3'));
const ecdsa256 = encode.sequence(encode.oid('1.2.840.10045.4.3.2'));

function assemble(one: Party, parts: Parts = {}): Buffer {
  const { contentType = contentTypes.data, eContent = content, digest = sha256 } = parts;
  const usual = usualAttributes(one);
  const set = parts.signedSet ?? encode.setOf(...(parts.signed ?? usual));
  const signedBytes = parts.signed === null ? eContent : set;
  const { certificate } = one;
  const signature = parts.signature?.(signedBytes) ?? ca.signWith(one.keys, signedBytes);
  const signerInfo = encode.sequence(
    encode.integer(1),
    encode.sequence(certificate.issuer.der.whole, encode.tlv(2, certificate.serial)),
    digest,
    ...(parts.signed === null ? [] : [encode.implicit(0, set)]),
    parts.algorithm ?? ecdsa256,
    encode.octetString(signature),
    ...(parts.unsigned ? [encode.implicit(1, encode.setOf(...parts.unsigned))] : []),
  );
  const signed = encode.sequence(
    encode.integer(1),
    encode.setOf(...(parts.digests ?? [digest])),
    encode.sequence(encode.oid(contentType), encode.explicit(0, encode.octetString(eContent))),
    encode.implicit(0, encode.setOf(certificate.bytes)),
    encode.setOf(signerInfo),
  );
  return encode.sequence(encode.oid(contentTypes.signedData), encode.explicit(0, signed));
}

const hashOf = (name: 'sha256' | 'sha512', bytes: Buffer = content) =>
  encode.octetString(ca.digest(name, bytes));
const typeAttribute = (type: string = contentTypes.data) =>
  attribute(attributes.contentType, encode.oid(type));
const digestAttribute = () => attribute(attributes.messageDigest, hashOf('sha256'));
const essAttribute = ({ certificate }: Party) =>
  attribute(
    attributes.signingCertificateV2,
    encode.sequence(encode.sequence(encode.sequence(hashOf('sha256', certificate.bytes)))),
  );
const usualAttributes = (one: Party) => [typeAttribute(), digestAttribute(), essAttribute(one)];
const disordered = (one: Party) =>
  encode.tlv(0x31, ...usualAttributes(one).sort(Buffer.compare).reverse());

describe('the structure of a signature', () => {
  const one = party();
  const given = { content: undefined };

  it('is sound when put together by the book', () => {
    expect(codesOf(assemble(one), given)).toEqual([[]]);
  });

  it('is sound when attributes that were signed in order are sent in another', () => {
    const inOrder = encode.setOf(...usualAttributes(one));
    const signature = () => ca.signWith(one.keys, inOrder);
    expect(codesOf(assemble(one, { signedSet: disordered(one), signature }), given)).toEqual([[]]);
  });

  it.each<[string, Parts, string[]]>([
    [
      'another content type',
      { signed: [typeAttribute(contentTypes.tstInfo), digestAttribute(), essAttribute(one)] },
      ['content-type-mismatch'],
    ],
    ['no content type', { signed: [digestAttribute(), essAttribute(one)] }, ['signed-attributes']],
    ['no message digest', { signed: [typeAttribute(), essAttribute(one)] }, ['signed-attributes']],
    [
      'no certificate bound',
      { signed: [typeAttribute(), digestAttribute()] },
      ['signing-certificate'],
    ],
    [
      'another certificate bound',
      { signed: [typeAttribute(), digestAttribute(), essAttribute(party())] },
      ['signing-certificate'],
    ],
    [
      'a digest twice',
      { signed: [...usualAttributes(one), attribute(attributes.messageDigest, hashOf('sha512'))] },
      ['malformed'],
    ],
    [
      'two content types in one',
      {
        signed: [
          encode.sequence(
            encode.oid(attributes.contentType),
            encode.setOf(encode.oid(contentTypes.data), encode.oid(contentTypes.tstInfo)),
          ),
          digestAttribute(),
          essAttribute(one),
        ],
      },
      ['malformed-cms'],
    ],
    [
      'attributes that were signed out of order',
      { signedSet: disordered(one) },
      ['cms-signature-invalid'],
    ],
    ['no attributes', { signed: null }, ['signing-certificate']],
    ['an unannounced digest', { digests: [sha512] }, ['digest-inconsistent']],
    [
      'a digest that is not the signature’s',
      {
        digest: sha512,
        signed: [
          typeAttribute(),
          attribute(attributes.messageDigest, hashOf('sha512')),
          essAttribute(one),
        ],
      },
      ['digest-inconsistent'],
    ],
    [
      'another algorithm',
      { algorithm: encode.sequence(encode.oid('1.2.840.10045.4.3.4')) },
      ['digest-inconsistent', 'cms-signature-invalid'],
    ],
    [
      'an algorithm of another key',
      { algorithm: encode.sequence(encode.oid('1.2.840.113549.1.1.11'), encode.nullValue()) },
      ['cms-signature-invalid'],
    ],
    [
      'parameters of ECDSA',
      { algorithm: encode.sequence(encode.oid('1.2.840.10045.4.3.2'), encode.nullValue()) },
      ['algorithm-unknown'],
    ],
    [
      'a signature with something behind',
      { signature: (bytes) => Buffer.concat([ca.signWith(one.keys, bytes), Buffer.of(0)]) },
      ['cms-signature-invalid'],
    ],
    ...[
      typeAttribute(),
      digestAttribute(),
      essAttribute(one),
      attribute(attributes.signingTime, encode.timeValue(time)),
    ].map((unsigned): [string, Parts, string[]] => [
      `an attribute that is not signed but must be (${Der.read(unsigned).list()[0]!.oid()})`,
      { unsigned: [unsigned] },
      ['signed-attributes'],
    ]),
    [
      'a countersignature that is signed',
      {
        signed: [
          ...usualAttributes(one),
          attribute(attributes.countersignature, encode.sequence()),
        ],
      },
      ['signed-attributes'],
    ],
  ])('is refused with %s', (_, parts, expected) => {
    let found: string[];
    try {
      found = codesOf(assemble(one, parts), given)[0]!;
    } catch (error) {
      found = [(error as Error).name === 'DerError' ? 'malformed' : String(error)];
    }
    expect(found).toEqual(expected);
  });

  it('without signed attributes is sound for plain data alone', () => {
    const loose = { ...given, bound: false };
    expect(codesOf(assemble(one, { signed: null }), loose)).toEqual([[]]);
    expect(
      codesOf(assemble(one, { signed: null, contentType: contentTypes.tstInfo }), loose),
    ).toEqual([['signed-attributes']]);
  });

  it('is sound with a key of DSA that has its parameters from the certificate above', () => {
    const keys = ca.dsaKeys();
    const above = issue({ issuer: root, ca: true, keys });
    const heir = issue({ issuer: above, keys, spki: ca.bareSpki(keys) });
    const algorithm = encode.sequence(encode.oid('2.16.840.1.101.3.4.3.2'));
    const algorithms = [{ name: 'sha256' }, { name: 'dsa', bits: 2048 }, { name: 'ec' }] as const;
    const asked = { ...given, requirements: { time, algorithms } };
    const found = codesOf(assemble(heir, { algorithm }), {
      ...asked,
      certificates: [above.certificate],
    });
    expect(found).toEqual([[]]);
    expect(codesOf(assemble(heir, { algorithm }), asked)[0]).toContain('no-path');
  });

  it('does not let the attributes of one signature be the content of another', () => {
    const victim = SignedData.read(assemble(one));
    const set = victim.signers[0]!.signedBytes()!;
    const forged = assemble(one, {
      signed: null,
      eContent: set,
      signature: () => victim.signers[0]!.signature,
    });
    expect(codesOf(forged, { ...given, bound: false })).toEqual([['content-ambiguous']]);
  });

  it('protects its algorithms', () => {
    const protection = (digest: Buffer, algorithm: Buffer) =>
      attribute(
        attributes.algorithmProtection,
        encode.sequence(digest, encode.implicit(1, algorithm)),
      );
    const ask = (digest: Buffer, algorithm: Buffer) =>
      codesOf(
        assemble(one, { signed: [...usualAttributes(one), protection(digest, algorithm)] }),
        given,
      );
    expect(ask(sha256, ecdsa256)).toEqual([[]]);
    expect(ask(encode.sequence(sha256.subarray(2), encode.nullValue()), ecdsa256)).toEqual([[]]);
    expect(ask(sha512, ecdsa256)).toEqual([['algorithm-protection']]);
    expect(ask(sha256, encode.sequence(encode.oid('1.2.840.10045.4.3.4')))).toEqual([
      ['algorithm-protection'],
    ]);
  });

  it('with several certificates bound confines the path to them', () => {
    const bound = (...certificates: Party[]) =>
      attribute(
        attributes.signingCertificateV2,
        encode.sequence(
          encode.sequence(
            ...certificates.map(({ certificate }) =>
              encode.sequence(hashOf('sha256', certificate.bytes)),
            ),
          ),
        ),
      );
    const ask = (...parties: Party[]) =>
      codesOf(
        assemble(one, { signed: [typeAttribute(), digestAttribute(), bound(...parties)] }),
        given,
      );
    expect(ask(one, authority)).toEqual([[]]);
    expect(ask(one, party())).toEqual([['signing-certificate']]);
  });

  it('carries countersignatures, each a verdict of its own', () => {
    const other = party();
    const counter = (signature: Buffer, extra: Buffer[] = []) => {
      const set = encode.setOf(
        attribute(attributes.messageDigest, hashOf('sha256', signature)),
        ...extra,
      );
      return encode.sequence(
        encode.integer(1),
        encode.sequence(
          other.certificate.issuer.der.whole,
          encode.tlv(2, other.certificate.serial),
        ),
        sha256,
        encode.implicit(0, set),
        ecdsa256,
        encode.octetString(ca.signWith(other.keys, set)),
      );
    };
    const signature = ca.signWith(one.keys, encode.setOf(...usualAttributes(one)));
    const ask = (countersignature: Buffer) => {
      const cms = assemble(one, {
        signature: () => signature,
        unsigned: [attribute(attributes.countersignature, countersignature)],
      });
      const [verdict] = verifySignedData(
        SignedData.read(cms),
        question({ ...given, certificates: [authority.certificate, other.certificate] }),
      );
      expect(verdict!.failures).toEqual([]);
      return verdict!.countersignatures.map(({ failures }) => failures.map(({ code }) => code));
    };
    expect(ask(counter(signature))).toEqual([[]]);
    expect(ask(counter(Buffer.from('another')))).toEqual([['digest-mismatch']]);
    expect(ask(counter(signature, [typeAttribute()]))).toEqual([['signed-attributes']]);
  });
});

describe('every octet of a signature', () => {
  const one = party();
  const cms = assemble(one);
  const places: number[] = [];
  beforeAll(() => {
    const walk = (element: Der) => {
      places.push(element.start, element.start + 1, element.contentStart, element.end - 1);
      if (element.constructed) element.list().forEach(walk);
    };
    walk(Der.read(cms));
  });

  it('counts: none can be changed, cut or doubled and still be a valid signature of other content', () => {
    const verdict = (bytes: Buffer) => {
      try {
        const signed = SignedData.read(bytes);
        const verdicts = verifySignedData(signed, question({ content: undefined }));
        return verdicts.length > 0 && verdicts.every(({ failures }) => failures.length === 0)
          ? signed
          : undefined;
      } catch (error) {
        expect(['DerError', 'AlgorithmError']).toContain((error as Error).name);
        return undefined;
      }
    };
    expect(verdict(cms)).toBeDefined();
    for (const at of new Set(places)) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(cms);
        changed[at]! ^= mask;
        // Only what is not signed may change: versions, and the set of certificates.
        const accepted = verdict(changed);
        if (accepted) expect(accepted.content).toEqual(content);
      }
      expect(verdict(cms.subarray(0, at))).toBeUndefined();
      const doubled = Buffer.concat([cms.subarray(0, at + 1), cms.subarray(at)]);
      expect(verdict(doubled)).toBeUndefined();
    }
    expect(verdict(Buffer.concat([cms, Buffer.of(0)]))).toBeUndefined();
  });
});

describe('signing again and again', () => {
  it('gives what signing once gives, whatever changes', () => {
    const keys = [ca.rsaKeys(), ca.ecKeys(), ca.edwardsKeys('ed25519')];
    for (const one of keys.map((each) => party(each))) {
      const again = signerOf(one);
      const hash = again.digest === 'sha512' ? 'sha512' : 'sha256';
      for (let round = 0; round < 40; round++) {
        const own = Buffer.from(`content ${round}`);
        const signingTime = round % 3 === 0 ? undefined : new Date(+time + round * 1000);
        const request = { content: { digest: ca.digest(hash, own) }, signingTime };
        const prepared = again.prepare(request);
        const fresh = signerOf(one).prepare(request);
        expect(prepared.bytes.equals(fresh.bytes)).toBe(true);
        const signature = ca.signWith(one.keys, prepared.bytes);
        const cms = prepared.complete(signature);
        expect(cms.equals(fresh.complete(signature))).toBe(true);
        expect(codesOf(cms, { content: own })).toEqual([[]]);
      }
    }
  });
  it('takes no digest of another length', () => {
    expect(() => signerOf(party()).prepare({ content: { digest: Buffer.alloc(20) } })).toThrow(
      RangeError,
    );
  });
});
