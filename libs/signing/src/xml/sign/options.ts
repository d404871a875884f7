import type { DigestName, SignatureScheme } from '../../x509/algorithms.js';
import type { Certificate } from '../../x509/certificate.js';
import type { C14nMethod } from '../c14n.js';
import type { Covering } from '../verify-xml.js';
import type { XadesOptions } from '../xades/options.js';

/** Something signed that stays outside of the signature's document. */
export interface DetachedPart {
  uri: string;
  octets: Uint8Array;
  mediaType?: string;
}

/**
 * Where the signature stands to what it signs (XML-Signature section 10):
 * - `enveloped`: inside the document, at the end of `within`, over the root or one element;
 * - `enveloping`: around the content, which becomes a ds:Object;
 * - `detached`: alone, over content found by URI.
 */
export type Placement =
  | { kind: 'enveloped'; covers?: 'root' | { id: string }; within?: Covering }
  | { kind: 'enveloping'; mediaType?: string }
  | { kind: 'detached'; parts: DetachedPart[] };

export interface SignXmlOptions {
  placement: Placement;
  scheme: SignatureScheme;
  /** Whose key will sign. */
  certificate: Certificate;
  /** Certificates that lead from it towards a root, to be given along. */
  chain?: readonly Certificate[];
  /** Exclusive unless given, so that the signature holds wherever it is moved to. */
  canonicalization?: C14nMethod;
  /** Digest of the references: that of the scheme unless given. */
  digest?: DigestName;
  /** Writes X509SubjectName before the certificate, as the exchange standard shows. */
  subjectName?: boolean;
  /** Makes it a XAdES signature. */
  xades?: XadesOptions;
}

/** A signature that waits for its value. Plain data: it can be kept while somebody signs elsewhere. */
export interface PreparedXmlSignature {
  /** The document with everything but the value. */
  document: Buffer;
  signatureId: string;
  scheme: SignatureScheme;
  /** The octets to sign: SignedInfo in canonical form. */
  toBeSigned: Buffer;
  /** Their digest, for signers that take one; absent where the scheme hashes by itself. */
  digest?: Buffer;
}
