import { hash } from 'node:crypto';
import { type AlgorithmPolicy, digestAllowed } from '../../x509/algorithm-policy.js';
import type { DigestName } from '../../x509/algorithms.js';
import {
  pathOf,
  qualifiedName,
  type XmlDocument,
  type XmlElement,
  type XmlParent,
} from '../tree.js';
import { XmlError, type XmlFault } from '../xml-error.js';
import { digestOfUri } from './algorithms.js';
import { algorithmOf } from './content.js';
import { type Coverage, Trace } from './coverage.js';
import { type Data, dereference, type Surroundings } from './dereference.js';
import type { Reference } from './signature.js';
import { octetsOf, transform } from './transforms.js';

/** What one reference says, what it led to, and whether the digest is that of what is there. */
export interface ReferenceFacts {
  id?: string;
  uri?: string;
  type?: string;
  /** Identifiers of the transforms, in order. */
  transforms: string[];
  digestMethod: string;
  digest?: DigestName;
  outcome: 'matches' | 'differs' | 'refused';
  /** Why it was refused. */
  fault?: XmlFault | 'algorithm';
  detail?: string;
  /** Found at the end of the URI: an element or the whole of this document, or content beside it. */
  target?:
    | { kind: 'document' | 'element'; path: string; name: string; isRoot: boolean }
    | { kind: 'detached' };
  /** How much of the target the digest speaks for, when the target is in this document. */
  extent?: Coverage['extent'];
  /** Paths of signatures inside the target that were left out of the digest. */
  withoutSignatures?: string[];
}

/** Facts about a reference, with the nodes they are about, for rules that need them. */
export interface CheckedReference {
  facts: ReferenceFacts;
  reference: Reference;
  /** The document or element the URI means. */
  node?: XmlParent;
  trace: Trace;
  /** What the transforms left; undefined when refused. */
  data?: Data;
  /** The octets that were digested; undefined when refused. */
  octets?: Uint8Array;
}

export interface DigestRules {
  algorithms: AlgorithmPolicy;
  at: Date;
}

/** Follows one reference and compares its digest. Never throws for what the reference says. */
export function checkReference(
  reference: Reference,
  around: Surroundings,
  rules: DigestRules,
): CheckedReference {
  const { id, uri, type, digestMethod } = reference;
  const facts: ReferenceFacts = {
    ...(id !== undefined && { id }),
    ...(uri !== undefined && { uri }),
    ...(type !== undefined && { type }),
    transforms: [],
    digestMethod,
    outcome: 'refused',
  };
  const checked: CheckedReference = { facts, reference, trace: new Trace() };
  try {
    facts.transforms = reference.transforms.map(algorithmOf);
    follow(checked, around);
    around.work.spend(3 * checked.octets!.length);
    compare(checked, rules);
  } catch (error) {
    refuse(facts, error);
  }
  return checked;
}

function follow(checked: CheckedReference, around: Surroundings): void {
  const { facts, reference, trace } = checked;
  const target = dereference(reference.uri, around);
  checked.node = target.node;
  facts.target = targetOf(target.node);
  let { data } = target;
  trace.start(data);
  for (const [i, element] of reference.transforms.entries()) {
    data = transform(element, data, around);
    trace.follow(facts.transforms[i]!, data);
  }
  checked.data = data;
  checked.octets = octetsOf(data, around).octets;
  if (!target.node) return;
  const { extent, withoutSignatures } = trace.coverageOf(target.node);
  facts.extent = extent;
  facts.withoutSignatures = withoutSignatures.map(pathOf);
}

/** What a reference digests. Throws XmlError when it leads nowhere or is refused. */
export function digestedOctets(reference: Reference, around: Surroundings): Uint8Array {
  let { data } = dereference(reference.uri, around);
  for (const element of reference.transforms) data = transform(element, data, around);
  return octetsOf(data, around).octets;
}

function compare({ facts, reference, octets }: CheckedReference, rules: DigestRules): void {
  const digest = digestOfUri(reference.digestMethod);
  if (!digest) throw new XmlError('unsupported', `Digest algorithm ${reference.digestMethod}`);
  facts.digest = digest;
  const matches = hash(digest, octets!, 'buffer').equals(reference.digestValue);
  facts.outcome = matches ? 'matches' : 'differs';
  if (matches && !digestAllowed(rules.algorithms, digest, rules.at)) {
    facts.outcome = 'refused';
    facts.fault = 'algorithm';
    facts.detail = `Digest ${digest} is not allowed`;
  }
}

function refuse(facts: ReferenceFacts, error: unknown): void {
  if (!(error instanceof XmlError)) throw error;
  facts.outcome = 'refused';
  facts.fault = error.fault;
  facts.detail = error.message;
}

function targetOf(node: XmlParent | undefined): ReferenceFacts['target'] {
  if (!node) return { kind: 'detached' };
  const root: XmlElement = node.kind === 'document' ? node.root : node;
  const document: XmlDocument | undefined =
    root.parent.kind === 'document' ? root.parent : undefined;
  return {
    kind: node.kind,
    path: pathOf(root),
    name: qualifiedName(root),
    isRoot: document !== undefined,
  };
}
