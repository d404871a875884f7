import type { KeyObject } from 'node:crypto';
import { type AlgorithmPolicy, currentAlgorithms } from '../x509/algorithm-policy.js';
import type { Certificate } from '../x509/certificate.js';
import { canonicalize } from './c14n.js';
import { namespaces } from './dsig/algorithms.js';
import { checkSignature } from './dsig/check-signature.js';
import type { DetachedContent, Surroundings } from './dsig/dereference.js';
import type { SignatureCheck, XmlFailure } from './dsig/facts.js';
import { IdIndex } from './dsig/ids.js';
import type { KeyInfo } from './dsig/key-info.js';
import { Budget, defaultLimits, type XmlLimits } from './limits.js';
import { NodeSet } from './node-set.js';
import { parseXml } from './parse.js';
import { elementsBelow, isElement, pathOf, type XmlDocument, type XmlElement } from './tree.js';
import { readXades, xadesFailures } from './xades/xades.js';
import { XmlError } from './xml-error.js';

// A signature that holds says nothing until one knows of what. Whoever asks here names the element
// they are going to use, and the answer is about that element: not about one of the same name
// elsewhere in the file, which is how signatures are wrapped.

/**
 * The element the caller is going to use. By name, every element of that name is meant; an
 * identifier that several elements have finds none.
 */
export type Covering = 'root' | { id: string } | { namespace: string; localName: string };

export interface VerifyXmlOptions {
  /** Absent: every signature must hold, and what they cover is in their facts. */
  covering?: Covering;
  /** Keys trusted for a signature, found by its KeyInfo or known beforehand. */
  keys?:
    | readonly (KeyObject | Certificate)[]
    | ((info: KeyInfo) => readonly (KeyObject | Certificate)[]);
  /** Certificates that may be a signer's when the signature does not bring it. */
  certificates?: readonly Certificate[];
  /** Whether whoever signed is trusted, as by a path from the `signer` to an anchor. */
  trusts?: (check: SignatureCheck) => boolean;
  /** Shared secret for HMACs; without it an HMAC counts as unproven. */
  secret?: Uint8Array;
  /** Algorithms allowed, at the moment `at` (now unless given). SHA-1 is not, unless allowed. */
  algorithms?: AlgorithmPolicy;
  at?: Date;
  /** Content beside the document, by URI. */
  detached?: DetachedContent;
  /** Unprefixed attributes that identify; `Id`, `ID` and `id` unless given. */
  idAttributes?: readonly string[];
  limits?: Partial<XmlLimits>;
  /** See `ParseOptions`: for test vectors only. */
  allowInternalSubset?: boolean;
}

/** An element that was asked for, and is what intact signatures digested. */
export interface CoveredElement {
  path: string;
  /** Places in `checks` of the intact signatures that digested all of it. */
  signedBy: number[];
  /** Paths of signatures inside it that are not covered. */
  withoutSignatures: string[];
  /**
   * Exclusive canonical XML of what was signed, without comments and left-out signatures. Use
   * this, rather than the document, and nothing unsigned is used.
   */
  content: Buffer;
}

/**
 * - `valid`: all asked holds, with keys the caller gave or trusts.
 * - `indeterminate`: all holds, but a key came from the file itself; whose it is must still be
 *   proven by a path to a trusted root from the `signer` of the check.
 * - `invalid`: something does not hold; `failures` says what.
 */
export interface XmlVerification {
  verdict: 'valid' | 'indeterminate' | 'invalid';
  failures: XmlFailure[];
  covered: CoveredElement[];
  checks: SignatureCheck[];
  document: XmlDocument;
  around: Surroundings;
}

const maxSignatures = 32;

/**
 * Verifies the XML signatures of a document (XML-Signature 1.1). Throws XmlError when the document
 * itself is refused; everything about its signatures is in the answer.
 */
export function verifyXml(
  input: Uint8Array | string,
  options: VerifyXmlOptions = {},
): XmlVerification {
  const around = surroundingsOf(input, options);
  const { document } = around;
  const found = signaturesIn(document);
  const { keys } = options;
  const rules = {
    keys: typeof keys === 'function' ? keys : () => keys ?? [],
    certificates: options.certificates,
    secret: options.secret,
    algorithms: options.algorithms ?? currentAlgorithms,
    at: options.at ?? new Date(),
  };
  const checks = found.map((element) => withXades(checkSignature(element, around, rules), around));
  const failures: XmlFailure[] = checks.length === 0 ? [{ code: 'no-signature' }] : [];
  const answer = { failures, checks, document, around };
  if (options.covering === undefined) {
    failures.push(...checks.flatMap(({ facts }) => facts.failures));
    const each = checks.map((check) => [check]);
    return { ...answer, verdict: verdictOf(failures, each, options), covered: [] };
  }
  const covered = coveredOf(options.covering, around, checks, failures);
  const signers = covered.map(({ signedBy }) => signedBy.map((i) => checks[i]!));
  return { ...answer, verdict: verdictOf(failures, signers, options), covered };
}

function withXades(check: SignatureCheck, around: Surroundings): SignatureCheck {
  check.xades = readXades(check, around);
  if (check.xades) {
    check.facts.xades = check.xades.facts;
    check.facts.failures.push(...xadesFailures(check.xades));
  }
  return check;
}

/** Reads a document and sets up what checks of its signatures share. */
export function surroundingsOf(
  input: Uint8Array | string,
  options: VerifyXmlOptions,
): Surroundings {
  const limits = { ...defaultLimits, ...options.limits };
  const parse = { limits, allowInternalSubset: options.allowInternalSubset };
  const document = parseXml(input, parse);
  return {
    document,
    ids: new IdIndex(document, options.idAttributes),
    detached: options.detached,
    limits,
    parse,
    xpath: new Budget(limits.xpathVisits, 'XPath'),
    work: new Budget(limits.work, 'canonicalizing and digesting'),
  };
}

function signaturesIn(document: XmlDocument): XmlElement[] {
  const found: XmlElement[] = [];
  for (const element of elementsBelow(document)) {
    if (!isElement(element, namespaces.dsig, 'Signature')) continue;
    if (found.push(element) > maxSignatures) {
      throw new XmlError('limit', `More than ${maxSignatures} signatures`);
    }
  }
  return found;
}

/** @param signers for each thing relied on, the intact signatures of it: one proven is enough. */
function verdictOf(
  failures: XmlFailure[],
  signers: SignatureCheck[][],
  { trusts }: VerifyXmlOptions,
): XmlVerification['verdict'] {
  if (failures.length > 0) return 'invalid';
  const proven = (check: SignatureCheck) =>
    ['given', 'secret'].includes(check.facts.key?.source ?? '') || trusts?.(check) === true;
  return signers.every((checks) => checks.some(proven)) ? 'valid' : 'indeterminate';
}

function coveredOf(
  covering: Covering,
  around: Surroundings,
  checks: SignatureCheck[],
  failures: XmlFailure[],
): CoveredElement[] {
  const asked = askedElements(covering, around);
  if (asked.length === 0) failures.push({ code: 'not-found' });
  return asked.flatMap((element) => {
    const covered = coverageBy(checks, element, around);
    if (covered) return [covered];
    failures.push({ code: 'not-covered', path: pathOf(element) });
    failures.push(...checks.flatMap(({ facts }) => facts.failures));
    return [];
  });
}

/** The elements that are meant; none for an identifier that is ambiguous. */
export function askedElements(covering: Covering, { document, ids }: Surroundings): XmlElement[] {
  if (covering === 'root') return [document.root];
  if ('id' in covering) {
    const element = ids.ambiguous.has(covering.id) ? undefined : ids.find(covering.id);
    return element ? [element] : [];
  }
  const { namespace, localName } = covering;
  const found = [...elementsBelow(document)].filter((one) => isElement(one, namespace, localName));
  if (found.length > maxSignatures) throw new XmlError('limit', 'Too many elements of that name');
  return found;
}

function coverageBy(
  checks: SignatureCheck[],
  element: XmlElement,
  { work }: Surroundings,
): CoveredElement | undefined {
  const signedBy: number[] = [];
  let set = NodeSet.subtree(element, { comments: false });
  const leftOut = new Set<XmlElement>();
  for (const [i, check] of checks.entries()) {
    if (check.facts.failures.length > 0) continue;
    const coverages = check.references.map(({ trace }) => trace.coverageOf(element));
    const whole = coverages.find(({ extent }) => extent === 'whole');
    if (!whole) continue;
    signedBy.push(i);
    for (const signature of whole.withoutSignatures) leftOut.add(signature);
  }
  if (signedBy.length === 0) return undefined;
  for (const signature of leftOut) set = set.without(signature);
  const content = canonicalize(set, { method: 'exclusive', comments: false }, work);
  return { path: pathOf(element), signedBy, withoutSignatures: [...leftOut].map(pathOf), content };
}
