import { XmlError } from '../../xml/xml-error.js';
import { parseXml } from '../../xml/parse.js';
import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfRef, PdfStream, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import type { FindingCode } from './findings.js';
import { signatureIn, type Step } from './step.js';

const ownRules = new Set([
  ...['Metadata', 'Version', 'Extensions', 'Perms', 'DSS', 'AcroForm', 'Pages', 'StructTreeRoot'],
]);
/** Trailer entries with rules of their own, and those of the section itself. */
const trailerRules = new Set([
  ...['Root', 'ID', 'Encrypt', 'Info', 'Size', 'Prev', 'XRefStm', 'Type', 'W', 'Index', 'Length'],
  ...['Filter', 'DecodeParms'],
]);
const maxMetadata = 1024 * 1024;
const codes: Record<string, FindingCode> = {
  Names: 'names-changed',
  Dests: 'names-changed',
  OpenAction: 'actions-changed',
  AA: 'actions-changed',
  OCProperties: 'optional-content-changed',
};

/**
 * The trailer: the catalogue and the encryption stay; `Info` may change. The first identifier should
 * stay (ISO 32000-2, 14.4), but some writers of time stamps change it; only decryption needs it.
 */
export function checkTrailer(step: Step): void {
  const { before, after, comparison } = step;
  const [from, to] = [before.view.trailer, after.view.trailer];
  const root = before.view.rootRef?.number;
  if (root === undefined || root !== after.view.rootRef?.number) {
    step.note('catalogue-replaced', 4, 'Root');
  }
  comparison.explained.add(root ?? 0);
  const id = before.view.array(from.get('ID'))?.[0];
  if (id !== undefined && !comparison.same(id, after.view.array(to.get('ID'))?.[0])) {
    step.note('trailer-changed', from.has('Encrypt') || to.has('Encrypt') ? 4 : 1, 'ID');
  }
  if (!comparison.same(from.get('Encrypt'), to.get('Encrypt'))) {
    step.note('trailer-changed', 4, 'Encrypt');
  }
  const kept = [...to.keys()].filter((key) => from.has(key) && !trailerRules.has(key));
  for (const key of kept) {
    if (!comparison.same(from.get(key), to.get(key), key)) step.note('trailer-changed', 4, key);
  }
  comparison.explain(to.get('Info'));
  comparison.explain(to.get('ID'));
}

/** The catalogue (ISO 32000-1, 7.7.2): what has no rule of its own stays as it is. */
export function checkCatalog(step: Step): void {
  const { before, after, comparison } = step;
  const [from, to] = [before.view.catalog, after.view.catalog];
  for (const key of comparison.differingKeys(from, to, ownRules)) {
    const path = comparison.difference(from.get(key), to.get(key));
    const code = Object.hasOwn(codes, key) ? codes[key]! : 'catalogue-changed';
    step.note(code, 4, path ? `${key}/${path}` : key);
  }
  checkMetadata(step, from, to);
  checkVersion(step, from, to);
  checkExtensions(step, from.get('Extensions'), to.get('Extensions'));
  checkPermissions(step, from.get('Perms'), to.get('Perms'));
  checkSecurityStore(step, from.get('DSS'), to.get('DSS'));
}

/** Metadata describe the document and are not shown; they may follow a change. */
function checkMetadata(step: Step, from: PdfDict, to: PdfDict): void {
  const { comparison, after } = step;
  const value = to.get('Metadata');
  if (comparison.same(from.get('Metadata'), value)) return;
  const stream = after.view.resolve(value);
  if (stream instanceof PdfStream && isMetadata(after.view, stream)) {
    comparison.explain(value);
    step.note('metadata-changed', 1, 'Metadata');
  } else step.note('catalogue-changed', 4, 'Metadata');
}

/** Metadata are XML (ISO 32000-1, 14.3.2); anything else is no description of the document. */
function isMetadata(view: PdfView, stream: PdfStream): boolean {
  if (nameOf(stream.dict.get('Type')) !== 'Metadata') return false;
  try {
    const bytes = view.decode(stream, maxMetadata);
    view.store.effort.spend(10 * bytes.length);
    parseXml(bytes);
    return true;
  } catch (error) {
    if (error instanceof XmlError || error instanceof PdfError) return false;
    throw error;
  }
}

function checkVersion(step: Step, from: PdfDict, to: PdfDict): void {
  const read = (view: PdfView, dict: PdfDict) =>
    Number(nameOf(view.resolve(dict.get('Version'))) ?? Number.NaN);
  const [one, other] = [read(step.before.view, from), read(step.after.view, to)];
  if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return;
  if (other > one || Number.isNaN(one)) step.note('version-raised', 1, String(other));
  else step.note('catalogue-changed', 4, 'Version');
}

/** Developer extensions may come and their level may rise (ISO 32000-1, 7.12). */
function checkExtensions(
  step: Step,
  before: PdfValue | undefined,
  now: PdfValue | undefined,
): void {
  const { comparison } = step;
  if (comparison.same(before, now)) return;
  const from = step.before.view.dict(before) ?? new PdfDict();
  const to = step.after.view.dict(now);
  const level = (view: PdfView, value: PdfValue | undefined): number => {
    const dicts = [view.resolve(value)].flat().map((item) => view.dict(item));
    const levels = dicts.map((dict) => view.resolve(dict?.get('ExtensionLevel')));
    const numbers = levels.map((item) => (typeof item === 'number' ? item : -1));
    return numbers.reduce((one, other) => Math.max(one, other), -1);
  };
  const lowered = [...from].some(([key, value]) => {
    if (comparison.same(value, to?.get(key))) return false;
    return level(step.after.view, to?.get(key)) < level(step.before.view, value);
  });
  if (lowered) return step.note('extensions-lowered', 4, 'Extensions');
  comparison.explain(now);
  step.note('extensions-raised', 1, 'Extensions');
}

/** A certification comes with the first signature only; rights once given are not taken back. */
function checkPermissions(
  step: Step,
  before: PdfValue | undefined,
  now: PdfValue | undefined,
): void {
  const from = step.before.view.dict(before) ?? new PdfDict();
  const to = step.after.view.dict(now) ?? new PdfDict();
  for (const key of step.comparison.differingKeys(from, to)) {
    if (from.has(key)) step.note('permissions-changed', 4, `Perms/${key}`);
    else if (key === 'DocMDP') checkCertification(step, to.get(key));
    else if (key === 'UR' || key === 'UR3') {
      step.comparison.explain(to.get(key));
      step.note('usage-rights-added', 2, `Perms/${key}`);
    } else step.note('permissions-changed', 4, `Perms/${key}`);
  }
  step.comparison.explain(now instanceof PdfRef ? now : undefined);
}

function checkCertification(step: Step, value: PdfValue | undefined): void {
  const { before, after } = step;
  if (before.fields.some((field) => signatureIn(before.view, field))) {
    step.note('certified-after-approval', 4, 'Perms/DocMDP');
  }
  const target = after.view.resolve(value);
  const isNew = after.fields.some((field) => signatureIn(after.view, field) === target);
  if (!isNew) step.note('permissions-changed', 4, 'Perms/DocMDP');
}

const storeKeys = new Set(['Type', 'VRI', 'Certs', 'OCSPs', 'CRLs']);
const entryKeys = new Set(['Type', 'Cert', 'OCSP', 'CRL', 'TU', 'TS']);

/** The document security store (EN 319 142-1, 5.4.2) may come and grow, and holds nothing else. */
function checkSecurityStore(
  step: Step,
  before: PdfValue | undefined,
  now: PdfValue | undefined,
): void {
  const { comparison, after } = step;
  if (comparison.same(before, now)) return;
  const store = after.view.dict(now);
  if (!store) return step.note('validation-data-removed', 4, 'DSS');
  // It may not take the place of something else.
  const [old, place] = [before, now].map((value) => (value instanceof PdfRef ? value.number : 0));
  const taken = place !== old && now instanceof PdfRef && step.before.view.resolve(now) !== null;
  const streams = (value: PdfValue | undefined) =>
    value === undefined ||
    (after.view.array(value)?.every((item) => after.view.resolve(item) instanceof PdfStream) ??
      false);
  const entries = store.has('VRI') ? after.view.dict(store.get('VRI')) : new PdfDict();
  const sound =
    [...store.keys()].every((key) => storeKeys.has(key)) &&
    ['Certs', 'OCSPs', 'CRLs'].every((key) => streams(store.get(key))) &&
    [...(entries ?? [['', null] as const])].every(([key, value]) => {
      if (key === 'Type') return true;
      const entry = after.view.dict(value);
      if (!entry || ![...entry.keys()].every((name) => entryKeys.has(name))) return false;
      return ['Cert', 'OCSP', 'CRL'].every((name) => streams(entry.get(name)));
    });
  if (!sound || taken) return step.note('validation-data-malformed', 4, 'DSS');
  comparison.explain(now);
  step.note('validation-data-added', 1, 'DSS');
}
