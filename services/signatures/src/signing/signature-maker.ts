import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Caller, type StoredFile, type Wanted } from '@eoffice/contracts';
import { PdfError } from '@eoffice/signing/pdf/pdf-error';
import { prepareSignature, roomForCms } from '@eoffice/signing/pdf/sign/prepare';
import type { PdfDigest } from '@eoffice/signing/pdf/sign/signature-options';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { localDay } from '@eoffice/platform/local-time';
import type { OpenKey } from '../keys/key-vault.js';
import { laidOut, notSignable } from './laid-out.js';
import { pictureOf } from './pictures.js';
import { type Plan, planOf } from './plan.js';
import { type Returned, signerFor, stampBytes, takeIn } from './returned.js';
import { Signature, type SignatureFacts } from './signature.js';
import { baseOf, wholeFile } from './stored-files.js';
import { mustBeTrusted, rootsFor, type TrustedChain } from './trusted-certificate.js';
import { usableCertificate } from './usable-certificate.js';

/** A signature that lacks only what the key makes. */
export interface Prepared {
  row: Signature;
  token: string;
  base: Buffer;
  certificate: Certificate;
  trusted: TrustedChain;
}

/** What a key made, found to hold. */
export interface Made {
  cms: Buffer;
  ocsp?: Buffer;
}

/** Makes signatures in two halves; every rule is asked anew in the second, however much later. */
@Injectable()
export class SignatureMaker {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly tickets: FileTickets,
  ) {}

  async prepare(wanted: Wanted, certificateId: string | null, caller: Caller): Promise<Prepared> {
    const { manager } = this.database;
    const scan = wanted.ticket && (await this.fileOf(wanted.ticket, '/ticket', caller));
    const plan = await planOf(manager, wanted, caller, scan || undefined);
    const { certificate, trusted } = await this.mayUse(plan, certificateId);
    const [numbers] = await this.database.query<{ hours: number; sealMm: number }>(
      `select policy_number('signing-token-hours') as hours,
         policy_number('seal-diameter-mm') as "sealMm"`,
    );
    const { hours, sealMm } = numbers!;
    const picture = wanted.image
      ? pictureOf(
          await wholeFile(this.files, (await this.fileOf(wanted.image, '/image', caller)).sha256),
          plan.kind === 'personal' ? 'blue' : 'red',
        )
      : undefined;
    const source = await wholeFile(this.files, plan.sourceSha256);
    const { base, preparation, options } = laidOut(source, plan, picture, sealMm);
    const prepared = this.withRoom(base, options, certificate, trusted);
    const baseSha256 = createHash('sha256').update(base).digest('hex');
    const facts = factsOf(plan, { certificateId: certificateId!, baseSha256, preparation });
    const [row, token] = Signature.prepare(facts, prepared, hours);
    return { row, token, base, certificate, trusted };
  }

  /** Makes a whole signature with a key at hand. */
  async make(wanted: Wanted, certificateId: string | null, key: OpenKey, caller: Caller) {
    const prepared = await this.prepare(wanted, certificateId, caller);
    const { row, certificate, trusted } = prepared;
    const scheme = await key.schemeFor?.(certificate);
    const signer = signerFor(certificate, trusted, scheme);
    const { bytes } = signer.prepare({ content: { digest: row.digest } });
    const signature = await key.sign(bytes, signer);
    const { cms, ocsp } = this.take(prepared, { signature, scheme });
    return { row, complete: (ownTryMs?: number) => row.complete(cms, ocsp, ownTryMs) };
  }

  /** Asks all of it again and takes in what came back. Throws whatever stands in the way. */
  async complete(row: Signature, returned: Returned, caller: Caller): Promise<Made> {
    await this.mustStillBe(row, caller);
    const { certificate, trusted } = await this.mayUse(row, row.certificateId);
    const base = await baseOf(this.files, row);
    return this.take({ row, base, certificate, trusted }, returned);
  }

  take({ row, base, certificate, trusted }: Omit<Prepared, 'token'>, returned: Returned): Made {
    const cms = takeIn(base, row, returned, certificate, trusted);
    return { cms, ocsp: trusted.ocsp };
  }

  /** The content of an uploaded file, for the one who uploaded it. */
  async uploaded(ticket: string, caller: Caller): Promise<Buffer> {
    const { sha256 } = await this.fileOf(ticket, '/ticket', caller);
    return wholeFile(this.files, sha256);
  }

  private async mayUse(plan: Pick<Plan, 'kind' | 'agencyId' | 'personId'>, id: string | null) {
    const { manager } = this.database;
    const certificate = await usableCertificate(manager, plan, id);
    const roots = await rootsFor(manager, 'signing', localDay());
    return { certificate, trusted: await mustBeTrusted(certificate, roots) };
  }

  private async mustStillBe(row: Signature, caller: Caller) {
    const { kind, draftId, documentId, rootSha256: sha256, agencyId, fileName: name } = row;
    const { manager } = this.database;
    const scan = { sha256, name, mediaType: 'application/pdf', size: 0 };
    const question = { kind, documentId: draftId ?? documentId ?? undefined, sha256, agencyId };
    const plan = await planOf(manager, { ...question, form: 'SAO Y' }, caller, scan);
    // Someone else's earlier signature has come in between: what was prepared lacks it.
    if (plan.sourceSha256 !== row.sourceSha256)
      throw notSignable(new PdfError('not-permitted', stale));
  }

  private withRoom(
    base: Buffer,
    options: Parameters<typeof prepareSignature>[1],
    certificate: Certificate,
    trusted: TrustedChain,
  ) {
    const chain = [certificate, ...trusted.chain].map(({ bytes }) => bytes);
    const contentsBytes = Math.max(32 * 1024, roomForCms(chain, stampBytes));
    const digest = signerFor(certificate, trusted).digest as PdfDigest;
    try {
      return prepareSignature(base, { ...options, contentsBytes, digest });
    } catch (error) {
      throw error instanceof PdfError ? notSignable(error) : error;
    }
  }

  private async fileOf(ticket: string, pointer: string, caller: Caller): Promise<StoredFile> {
    const [file] = await this.tickets.filesOf([ticket], caller, pointer);
    return file!;
  }
}

const stale = 'The document has other signatures now';

/** A plan says more than a row keeps. */
function factsOf(
  plan: Plan,
  more: Pick<SignatureFacts, 'certificateId' | 'baseSha256' | 'preparation'>,
): SignatureFacts {
  const { kind, draftId, documentId, agencyId, personId } = plan;
  const { rootSha256, sourceSha256, fileName } = plan;
  const whose = { kind, draftId, documentId, agencyId, personId };
  return { ...whose, rootSha256, sourceSha256, fileName, ...more };
}
