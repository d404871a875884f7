import { PdfError } from '../pdf-error.js';
import { Effort } from '../reader/effort.js';
import { PdfFile } from '../reader/pdf-file.js';
import { certifies, locks, restrictionsOf } from '../sign/permissions.js';
import type { FieldLock, Permissions } from '../sign/permissions.js';
import { changesBetween } from './changes.js';
import type { ExaminationPolicy, PdfExamination, PdfSignature } from './facts.js';
import type { Change, Finding, FindingCode } from './findings.js';
import { Frozen } from './frozen.js';
import { onlyWhite, revisionsOf, type Revision } from './revisions.js';
import { readSignature, type OpenSignature } from './signature-facts.js';
import { called, sideOf, signatureIn, type Side } from './step.js';

const maxSignatures = 200;
const maxRevisions = 300;

/**
 * Reads every signature of a PDF and what was done to the document after each. Throws PdfError when
 * the file is no PDF, is encrypted with a password, or is too complex; a damaged file is a finding.
 */
export function examinePdf(input: Uint8Array, policy: ExaminationPolicy = {}): PdfExamination {
  const { password } = policy;
  const effort = new Effort(input.length);
  const options = password === undefined ? { effort } : { effort, password };
  let file: PdfFile | undefined;
  try {
    file = PdfFile.open(input, { strict: true, ...options });
  } catch (error) {
    const code = error instanceof PdfError ? error.code : undefined;
    if (code !== 'damaged' && code !== 'not-pdf') throw error;
  }
  return new Examination(file ?? PdfFile.open(input, options), file !== undefined, policy).run();
}

class Examination {
  private readonly revisions: Revision[];
  private readonly sides = new Map<number, Side>();
  private readonly steps = new Map<number, Change[]>();
  private readonly findings: Finding[] = [];
  private frozen?: Frozen;

  constructor(
    private readonly file: PdfFile,
    private readonly readable: boolean,
    private readonly policy: ExaminationPolicy,
  ) {
    this.revisions = readable ? revisionsOf(file) : [];
    if (this.revisions.length > maxRevisions) {
      throw new PdfError('too-complex', `More than ${maxRevisions} revisions`);
    }
  }

  run(): PdfExamination {
    this.checkFile();
    const newest = sideOf(this.file.view);
    const signed = newest.fields.filter((field) => signatureIn(newest.view, field));
    if (signed.length > maxSignatures) {
      throw new PdfError('too-complex', `More than ${maxSignatures} signatures`);
    }
    const open = signed.map((field) => readSignature(newest, field));
    for (const signature of open) this.place(signature);
    this.checkTogether(newest, open);
    const signatures = open.map((signature) => this.judge(signature, open));
    signatures.sort((one, two) => (one.revision ?? 1e9) - (two.revision ?? 1e9));
    return { revisions: this.revisions.length, signatures, findings: this.findings };
  }

  private note(code: FindingCode, detail: string): void {
    this.findings.push({ code, detail });
  }

  /** What any reader of the file must see in the same way. */
  private checkFile(): void {
    const { bytes, view } = this.file;
    const last = this.revisions.at(-1);
    if (!this.readable || !last || last.view.sections.length !== view.sections.length) {
      return this.note('structure-damaged', 'readers have to guess what belongs to the document');
    }
    if (!onlyWhite(bytes, last.end, bytes.length)) {
      this.note('data-after-revision', `${bytes.length - last.end} bytes after the last revision`);
    }
    this.revisions.slice(1).forEach((revision, index) => {
      const before = this.revisions[index]!;
      const own = revision.view.sections.slice(0, -before.view.sections.length);
      if (own.some(({ position }) => position < before.end)) {
        this.note('not-incremental', `revision ${index + 2} is not written after the one before`);
      }
    });
  }

  /**
   * Finds the revision that ends where the signed ranges end, and the signature in it. What it forbids
   * is what was signed, whatever later revisions make of it.
   */
  private place(signature: OpenSignature): void {
    const { byteRange, findings, facts } = signature;
    if (findings.length > 0 || !byteRange || !this.readable) return;
    facts.reach = 'from-start';
    const end = byteRange[2] + byteRange[3];
    const revision = this.revisions.findLast((item) => item.end <= end);
    if (!revision || !onlyWhite(this.file.bytes, revision.end, end)) {
      findings.push({ code: 'range-not-a-revision', detail: `${end}` });
      return;
    }
    const side = this.side(revision.index);
    const there = side.fields.find(
      ({ name, dict }) =>
        name === signature.field.name && signature.isSameIn(side.view, dict.get('V')),
    );
    const signed = there && signatureIn(side.view, there);
    if (!signed) {
      findings.push({ code: 'signature-not-in-revision', detail: `${revision.index + 1}` });
      return;
    }
    facts.revision = revision.index;
    signature.restrictions = restrictionsOf(side.view, signed, there.dict);
    facts.permissions = signature.restrictions.permissions;
    facts.locks = signature.restrictions.locks;
    facts.certification = certifies(side.view, there.dict.get('V'));
    facts.reach = end === this.file.bytes.length ? 'whole-file' : 'whole-revision';
  }

  /** Names and values belong to one field only, and no signature of an earlier revision is gone. */
  private checkTogether(newest: Side, open: OpenSignature[]): void {
    for (const { field, findings, facts } of open) {
      if (newest.fields.filter(({ name }) => name === field.name).length > 1) {
        findings.push({ code: 'field-name-repeated', detail: called(field) });
      }
      const first = facts.byteRange?.[1];
      if (open.filter((other) => other.facts.byteRange?.[1] === first).length > 1) {
        findings.push({ code: 'contents-shared', detail: called(field) });
      }
    }
    for (const revision of this.revisions.slice(0, -1)) {
      const { view } = revision;
      for (const field of this.side(revision.index).fields) {
        if (!signatureIn(view, field)) continue;
        if (open.some((other) => other.field.name === field.name)) continue;
        this.note(
          'signature-replaced',
          `${called(field)} of revision ${revision.index + 1} is gone`,
        );
      }
    }
  }

  private judge(signature: OpenSignature, all: OpenSignature[]): PdfSignature {
    const { facts, findings } = signature;
    const { revision } = facts;
    if (revision === undefined) return { ...facts, findings, changes: [], sound: false };
    const binding = all.filter((other) => (other.facts.revision ?? Infinity) <= revision);
    const permissions = binding.flatMap(({ restrictions }) => restrictions.permissions ?? []);
    const level = Math.min(
      ...(permissions.length > 0 ? permissions : [this.policy.withoutCertification ?? 2]),
    ) as Permissions;
    const fieldLocks = binding.flatMap(({ restrictions }) => restrictions.locks);
    const changes: PdfSignature['changes'] = [];
    for (let index = revision + 1; index < this.revisions.length; index += 1) {
      for (const change of this.step(index)) {
        const permitted = isPermitted(change, level, permissions.length > 0, fieldLocks);
        changes.push({ ...change, revision: index, permitted });
      }
    }
    const sound =
      findings.length === 0 &&
      this.findings.length === 0 &&
      changes.every(({ permitted }) => permitted);
    return { ...facts, findings, changes, sound };
  }

  private side(index: number): Side {
    let side = this.sides.get(index);
    if (!side) this.sides.set(index, (side = sideOf(this.revisions[index]!.view)));
    return side;
  }

  private step(index: number): Change[] {
    let changes = this.steps.get(index);
    if (!changes) {
      // It costs as much as a step: the first one goes without.
      if (this.steps.size > 0) this.frozen ??= new Frozen(this.revisions, this.side(0));
      changes = changesBetween(this.side(index - 1), this.side(index), this.frozen);
      this.steps.set(index, changes);
    }
    return changes;
  }
}

function isPermitted(
  change: Change,
  level: Permissions,
  restricted: boolean,
  fieldLocks: FieldLock[],
): boolean {
  const { field } = change;
  if (change.level > level || (restricted && change.notAfterCertification)) return false;
  return field === undefined || !fieldLocks.some((lock) => locks(lock, field));
}
