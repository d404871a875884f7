import type { Certificate } from '../x509/certificate.js';
import type { CertificateList } from '../x509/crl.js';
import type { OcspResponse } from '../x509/ocsp.js';
import type { ExaminationPolicy } from '../pdf/verify/facts.js';
import type { VerifyXmlOptions } from '../xml/verify-xml.js';
import { type Collection, collectCms } from './collect-cms.js';
import { collectPdf } from './collect-pdf.js';
import { collectXml } from './collect-xml.js';
import type { Diagnostic, SignatureRecord } from './diagnostic.js';
import { Evidence, sha256 } from './evidence.js';

export interface DiagnoseOptions {
  /** Evidence from elsewhere: fresh CRLs and responses, certificates of authorities. */
  certificates?: Iterable<Certificate>;
  crls?: Iterable<CertificateList>;
  ocsp?: Iterable<OcspResponse>;
  /** Content of a detached CMS. */
  content?: Uint8Array;
  xml?: Pick<VerifyXmlOptions, 'detached' | 'idAttributes' | 'limits'>;
  pdf?: ExaminationPolicy;
}

/**
 * Finds out everything about the signatures of a PDF, an XML document or a CMS, and judges nothing.
 * Throws PdfError, XmlError or DerError when the document cannot be read at all.
 */
export function diagnose(document: Uint8Array, options: DiagnoseOptions = {}): Diagnostic {
  const evidence = new Evidence();
  const { certificates = [], crls = [], ocsp = [] } = options;
  evidence.addAll(certificates, crls, ocsp);
  const collection: Collection = { evidence, timeStamps: {} };
  const signatures = collect(document, options, collection);
  return {
    version: 1,
    document: { sha256: sha256(document), octets: document.length },
    signatures,
    timeStamps: collection.timeStamps,
    ...evidence.toRecords(),
  };
}

function collect(
  document: Uint8Array,
  options: DiagnoseOptions,
  collection: Collection,
): SignatureRecord[] {
  switch (formatOf(document)) {
    case 'pdf':
      return collectPdf(document, options.pdf ?? {}, collection);
    case 'xml':
      return collectXml(document, options.xml ?? {}, collection);
    case 'cms':
      return collectCms(document, options.content, collection);
  }
}

/** By the first octets: `%PDF-` near the start, a markup sign, or else DER. */
function formatOf(document: Uint8Array): 'pdf' | 'xml' | 'cms' {
  const start = Buffer.from(document.subarray(0, 1024)).toString('latin1');
  if (start.includes('%PDF-')) return 'pdf';
  return /^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?[\0\s]*</.test(start) ? 'xml' : 'cms';
}
