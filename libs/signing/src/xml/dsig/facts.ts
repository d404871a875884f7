import type { KeyObject } from 'node:crypto';
import type { AlgorithmPolicy } from '../../x509/algorithm-policy.js';
import type { Certificate } from '../../x509/certificate.js';
import type { KeyKind } from '../../x509/keys.js';
import type { XmlElement } from '../tree.js';
import type { XadesFacts, XadesSignature } from '../xades/xades.js';
import type { KeyInfo } from './key-info.js';
import type { CheckedReference, ReferenceFacts } from './references.js';
import type { Signature } from './signature.js';

/** What is asked of a signature. */
export interface SignatureRules {
  /** Keys the caller trusts for this signature; without any, those of KeyInfo are tried. */
  keys?: (info: KeyInfo) => readonly (KeyObject | Certificate)[];
  /** Certificates that may be meant when KeyInfo only mentions one, or says nothing. */
  certificates?: readonly Certificate[];
  /** Shared secret for an HMAC. Without it no HMAC is looked at. */
  secret?: Uint8Array;
  algorithms: AlgorithmPolicy;
  at: Date;
}

export interface XmlFailure {
  code:
    | 'malformed'
    | 'unsupported'
    | 'algorithm-refused'
    | 'no-key'
    | 'value-broken'
    | 'reference-refused'
    | 'reference-differs'
    /** What the qualifying properties say is not signed, or not about this signature. */
    | 'properties-refused'
    /** The signing certificate that was signed along is another. */
    | 'certificate-differs'
    | 'no-signature'
    /** No element is what was asked for, or several are. */
    | 'not-found'
    | 'not-covered';
  /** Path of the element it is about. */
  path?: string;
  detail?: string;
}

/** What one ds:Signature says and whether it holds, as data that can be kept. */
export interface XmlSignatureFacts {
  path: string;
  id?: string;
  canonicalization?: string;
  method?: string;
  value: 'intact' | 'broken' | 'no-key' | 'refused';
  /** The key that fitted: `given` by the caller, or found in KeyInfo, which proves no identity. */
  key?: {
    source: 'given' | 'certificate' | 'bare' | 'secret';
    kind: KeyKind | 'hmac';
    bits: number;
    /** SHA-256 of the certificate it came with. */
    certificate?: string;
  };
  references: ReferenceFacts[];
  /** Manifests that a reference covers; their own references do not decide (section 5.1). */
  manifests: { path: string; references: ReferenceFacts[] }[];
  /** SHA-256 of the certificates in KeyInfo. */
  certificates: string[];
  keyNames: string[];
  /** The value holds and every reference matches. Whose key it is, is another question. */
  intact: boolean;
  /** What it says as a XAdES signature, if it is one. */
  xades?: XadesFacts;
  failures: XmlFailure[];
}

/** Facts with the objects they are about, for what builds on them. */
export interface SignatureCheck {
  facts: XmlSignatureFacts;
  element: XmlElement;
  signature?: Signature;
  keyInfo?: KeyInfo;
  /** The certificate whose key fitted. */
  signer?: Certificate;
  references: CheckedReference[];
  xades?: XadesSignature;
}
