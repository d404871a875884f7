import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Command } from '../cli/commands.js';
import {
  bytesIn,
  blocksOf,
  flag,
  type Input,
  InputError,
  listOf,
  mustBytes,
  pathInputs,
  timeIn,
} from '../cli/inputs.js';
import { certificateOutput, pathOutput, verdictOf } from '../cli/outputs.js';
import { CmsSigner, LocalKey } from '../cms/sign-cms.js';
import type { DigestName } from '../x509/algorithms.js';
import { Certificate } from '../x509/certificate.js';
import { Revocation } from '../x509/revocation.js';
import { type PathVerdict, verifyPath } from '../x509/verify-path.js';
import type { SignatureCheck } from './dsig/facts.js';
import { completeXmlSignature } from './sign/complete.js';
import type { Placement, SignXmlOptions } from './sign/options.js';
import { prepareXmlSignature } from './sign/prepare.js';
import {
  type Covering,
  verifyXml,
  type VerifyXmlOptions,
  type XmlVerification,
} from './verify-xml.js';
import { XmlError } from './xml-error.js';

/** A document as text that starts with `<`, or any octets in base64. */
function xmlIn(input: Input, field: string): Buffer {
  const value = input[field];
  if (typeof value === 'string' && value.trimStart().startsWith('<')) return Buffer.from(value);
  return mustBytes(input, field);
}

function coveringIn(value: unknown): Covering | undefined {
  if (value === undefined || value === 'root') return value;
  const { id, namespace, localName } = value as Record<string, unknown>;
  if (typeof id === 'string') return { id };
  if (typeof localName === 'string') return { namespace: String(namespace ?? ''), localName };
  throw new InputError('covering: "root", an id, or a localName with its namespace');
}

/** Content beside the document: an object of URI → base64; the URI may be empty for none. */
function detachedIn(input: Input): VerifyXmlOptions['detached'] {
  const given = (input['detached'] ?? {}) as Input;
  return (uri = '') => (Object.hasOwn(given, uri) ? mustBytes(given, uri) : undefined);
}

const publicKeyOf = (key: Buffer) => createPublicKey({ key, format: 'der', type: 'spki' });

function keyFrom(text: unknown, field: string): KeyObject | Certificate {
  const [bytes] = blocksOf(text, field);
  for (const read of [publicKeyOf, Certificate.read]) {
    try {
      return read(bytes!);
    } catch {
      // Not in this form.
    }
  }
  throw new InputError(`${field}: neither a certificate nor a public key`);
}

function keysIn(input: Input): VerifyXmlOptions['keys'] {
  const always = listOf(input, 'keys').map((one) => keyFrom(one, 'keys'));
  const named = (input['namedKeys'] ?? {}) as Record<string, unknown>;
  return ({ names }) => [
    ...always,
    ...names.filter((name) => Object.hasOwn(named, name)).map((name) => keyFrom(named[name], name)),
  ];
}

/** Verifies XML signatures; with `anchors`, also the path of each signer. */
function verifyXmlCommand(input: Input): object {
  const { skipped, ...paths } = pathInputs(input);
  const found = new Map<SignatureCheck, PathVerdict>();
  const pathFor = (check: SignatureCheck): PathVerdict | undefined => {
    const { signer } = check;
    if (!signer || paths.anchors.length === 0) return undefined;
    const values = check.xades?.values;
    const certificates = [
      ...paths.certificates,
      ...check.keyInfo!.certificates,
      ...(values?.certificates ?? []),
    ];
    const { revocation: given, requirements, revocationOptions } = paths;
    const material = given && {
      crls: [...(given.crls ?? []), ...check.keyInfo!.crls, ...(values?.crls ?? [])],
      ocsp: [...(given.ocsp ?? []), ...(values?.ocsp ?? [])],
      certificates,
    };
    const revocation = material && new Revocation(material, requirements, revocationOptions);
    const { anchors } = paths;
    return verifyPath(signer, { certificates, anchors, requirements, revocation });
  };
  const trusts = (check: SignatureCheck) => {
    const verdict = found.get(check) ?? pathFor(check);
    if (verdict) found.set(check, verdict);
    return verdict?.valid === true;
  };
  try {
    const answer = verifyXml(xmlIn(input, 'xml'), {
      covering: coveringIn(input['covering']),
      keys: keysIn(input),
      certificates: paths.certificates,
      trusts,
      secret: bytesIn(input, 'secret'),
      algorithms: paths.requirements.algorithms,
      at: timeIn(input, 'time'),
      detached: detachedIn(input),
      idAttributes: input['idAttributes'] as string[] | undefined,
      allowInternalSubset: flag(input, 'allowInternalSubset'),
    });
    return { ...output(answer, found), ...(skipped.length > 0 && { skipped }) };
  } catch (error) {
    return refusal(error);
  }
}

function output(answer: XmlVerification, paths: Map<SignatureCheck, PathVerdict>): object {
  const { failures, covered, checks } = answer;
  // A signer whose path breaks a rule is refused; one whose path lacks something is open.
  const broken = [...paths.values()].filter((path) => verdictOf(path.failures) === 'invalid');
  const open = answer.verdict === 'indeterminate';
  return {
    verdict: open && broken.length > 0 ? 'invalid' : answer.verdict,
    reasons: [...failures, ...(open ? [...paths.values()].flatMap((path) => path.failures) : [])],
    covered: covered.map(({ content, ...rest }) => ({
      ...rest,
      content: content.toString('base64'),
    })),
    signatures: checks.map((check) => ({
      ...check.facts,
      ...(check.signer && { signer: certificateOutput(check.signer) }),
      ...(paths.has(check) && { path: pathOutput(paths.get(check)!) }),
    })),
  };
}

function refusal(error: unknown): object {
  if (!(error instanceof XmlError)) throw error;
  return { verdict: 'invalid', reasons: [{ code: error.fault, detail: error.message }] };
}

/**
 * Signs XML: in one go with `privateKey`; without it the answer is what is to be signed, and a
 * second question with `prepared` and `signature` completes it.
 */
function signXmlCommand(input: Input): object {
  try {
    if (input['prepared'] !== undefined) return completed(input);
    const certificate = Certificate.read(mustBytes(input, 'certificate'));
    const chain = listOf(input, 'chain').flatMap((one) => blocksOf(one, 'chain'));
    const signer = new CmsSigner({
      certificate,
      digest: input['digest'] as DigestName | undefined,
    });
    const options: SignXmlOptions = {
      placement: placementIn(input),
      scheme: signer.scheme,
      certificate,
      chain: chain.map((bytes) => Certificate.read(bytes)),
      canonicalization: input['canonicalization'] as SignXmlOptions['canonicalization'],
      subjectName: flag(input, 'subjectName'),
      xades: xadesIn(input),
    };
    const content = options.placement.kind === 'detached' ? '' : xmlIn(input, 'content');
    const prepared = prepareXmlSignature(content, options);
    if (input['privateKey'] === undefined) return preparedOutput(prepared);
    const key = new LocalKey(createPrivateKey(String(input['privateKey'])), signer);
    const signature = key.signBytes(prepared.toBeSigned);
    return { xml: completeXmlSignature(prepared, signature).toString('base64') };
  } catch (error) {
    return refusal(error);
  }
}

function preparedOutput(prepared: ReturnType<typeof prepareXmlSignature>): object {
  const { document, signatureId, scheme, toBeSigned, digest } = prepared;
  return {
    prepared: {
      document: document.toString('base64'),
      signatureId,
      scheme,
      toBeSigned: toBeSigned.toString('base64'),
      digest: digest?.toString('base64'),
    },
  };
}

function completed(input: Input): object {
  const prepared = input['prepared'] as Input;
  const xml = completeXmlSignature(
    {
      document: mustBytes(prepared, 'document'),
      signatureId: String(prepared['signatureId']),
      scheme: prepared['scheme'] as SignXmlOptions['scheme'],
      toBeSigned: mustBytes(prepared, 'toBeSigned'),
    },
    mustBytes(input, 'signature'),
  );
  return { xml: xml.toString('base64') };
}

function placementIn(input: Input): Placement {
  const given = (input['placement'] ?? { kind: 'enveloped' }) as Record<string, unknown>;
  switch (given['kind']) {
    case 'enveloped': {
      const covers = coveringIn(given['covers']);
      if (covers !== undefined && covers !== 'root' && !('id' in covers)) {
        throw new InputError('placement: covers the root or an id');
      }
      return { kind: 'enveloped', covers, within: coveringIn(given['within']) };
    }
    case 'enveloping':
      return { kind: 'enveloping', mediaType: given['mediaType'] as string | undefined };
    case 'detached': {
      const parts = listOf(given, 'parts').map((one) => {
        const part = one as Record<string, unknown>;
        const mediaType = part['mediaType'] as string | undefined;
        return { uri: String(part['uri']), octets: mustBytes(part, 'octets'), mediaType };
      });
      return { kind: 'detached', parts };
    }
    default:
      throw new InputError('placement: enveloped, enveloping or detached');
  }
}

function xadesIn(input: Input): SignXmlOptions['xades'] {
  const given = input['xades'] as Input | undefined;
  if (given === undefined) return undefined;
  const policy = given['policy'] as Input | undefined;
  const options = {
    ...given,
    signingTime: timeIn(given, 'signingTime') ?? new Date(),
    ...(policy && { policy: { ...policy, value: mustBytes(policy, 'value') } }),
  };
  return options as SignXmlOptions['xades'];
}

/** Commands about XML signatures, for the program of the library. */
export const xmlCommands: Readonly<Record<string, Command>> = {
  'verify-xml': verifyXmlCommand,
  'sign-xml': signXmlCommand,
};
