import { createHash } from 'node:crypto';
import { PdfError } from '../pdf-error.js';
import type { FormField } from '../reader/fields.js';
import { PdfDict, PdfRef, nameOf, textOf, type PdfValue } from '../reader/objects.js';
import type { ObjectStore } from '../reader/object-store.js';
import { rectangleOf } from '../reader/pages.js';
import type { PdfView } from '../reader/view.js';
import { certifies, restrictionsOf, type Restrictions } from '../sign/permissions.js';
import { coverageOf, type Coverage } from './byte-range.js';
import { shownBox } from './covering.js';
import type { PdfSignature } from './facts.js';
import type { Finding } from './findings.js';
import { signatureIn, type Side } from './step.js';

const subFilters = new Set(['ETSI.CAdES.detached', 'adbe.pkcs7.detached', 'ETSI.RFC3161']);

const claimKeys = [
  ['name', 'Name'],
  ['reason', 'Reason'],
  ['location', 'Location'],
  ['contact', 'ContactInfo'],
  ['time', 'M'],
] as const;

/** A signature while it is being examined. */
export interface OpenSignature {
  field: FormField;
  byteRange: Coverage['byteRange'];
  restrictions: Restrictions;
  findings: Finding[];
  facts: Omit<PdfSignature, 'findings' | 'changes' | 'sound'>;
  /** True when a field of another revision has the very same signature dictionary. */
  isSameIn(view: PdfView, value: PdfValue | undefined): boolean;
}

/** Reads what the newest revision says about a signed field. */
export function readSignature(newest: Side, field: FormField): OpenSignature {
  const { view } = newest;
  const signature = signatureIn(view, field)!;
  const value = field.dict.get('V') ?? signature;
  const { byteRange, cms, contents, findings } = coverageOf(view, value, signature);
  const restrictions = restrictionsOf(view, signature, field.dict);
  const subFilter = nameOf(view.resolve(signature.get('SubFilter'))) ?? '';
  if (!subFilters.has(subFilter)) findings.push({ code: 'sub-filter-unknown', detail: subFilter });
  return {
    field,
    byteRange,
    restrictions,
    findings,
    isSameIn: (other, candidate) => sameObject(view, value, other, candidate),
    facts: {
      field: field.name,
      kind: subFilter === 'ETSI.RFC3161' ? 'timestamp' : 'signature',
      subFilter,
      reach: 'unclear',
      revision: undefined,
      byteRange,
      cms,
      vriKey: createHash('sha1').update(contents).digest('hex').toUpperCase(),
      digest: digestOver(view.store, byteRange),
      permissions: restrictions.permissions,
      certification: certifies(view, value),
      locks: restrictions.locks,
      claims: claimsOf(view, signature),
      placement: placementOf(newest, field),
    },
  };
}

function sameObject(
  view: PdfView,
  value: PdfValue,
  other: PdfView,
  candidate: PdfValue | undefined,
): boolean {
  if (value instanceof PdfRef && candidate instanceof PdfRef) {
    const location = view.location(value.number);
    return location !== undefined && location === other.location(candidate.number);
  }
  return !(value instanceof PdfRef) && value === candidate;
}

/** Digests of the signed ranges, each computed once. */
function digestOver(
  { bytes, effort }: ObjectStore,
  range: Coverage['byteRange'],
): PdfSignature['digest'] {
  const known = new Map<string, Buffer>();
  return (algorithm) => {
    if (!range || range[0] + range[1] > bytes.length || range[2] + range[3] > bytes.length) {
      throw new PdfError('damaged', 'The signature does not say what it covers');
    }
    let digest = known.get(algorithm);
    if (digest) return digest;
    effort.spend((range[1] + range[3]) >> 5);
    digest = createHash(algorithm)
      .update(bytes.subarray(range[0], range[0] + range[1]))
      .update(bytes.subarray(range[2], range[2] + range[3]))
      .digest();
    known.set(algorithm, digest);
    return digest;
  };
}

function claimsOf(view: PdfView, signature: PdfDict): PdfSignature['claims'] {
  const claims: PdfSignature['claims'] = {};
  for (const [claim, key] of claimKeys) {
    const text = textOf(view.resolve(signature.get(key)));
    if (text !== undefined) claims[claim] = text;
  }
  return claims;
}

function placementOf({ view, pages }: Side, field: FormField): PdfSignature['placement'] {
  for (const { ref, dict } of field.widgets) {
    const rectangle = rectangleOf(view, dict.get('Rect'));
    if (!rectangle || !shownBox(view, dict)) continue;
    const page = pages.findIndex((item) =>
      view.array(item.dict.get('Annots'))?.some((annotation) => {
        return annotation instanceof PdfRef && annotation.number === ref?.number;
      }),
    );
    if (page >= 0) return { page, rectangle };
  }
  return undefined;
}
