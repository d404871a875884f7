import {
  type Caller,
  type CompleteSigning,
  cursorOf,
  type FindSignature,
  keyOf,
  type ListSignatures,
  NotFound,
  type PreparedSigning,
  type PrepareSigning,
  type Signature as SignatureReply,
  type SignaturePage,
  signing,
  type SignWithKey,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { Serves } from '@eoffice/platform/serves';
import { placeOf, reachOf, withinReach } from '../directory/known-organisations.js';
import { KeyVault } from '../keys/key-vault.js';
import { mustBeOneWay, type Returned, signerFor } from './returned.js';
import { shown, Signature } from './signature.js';
import { SignatureMaker } from './signature-maker.js';
import { Stamping } from './stamping.js';
import { keepWhole } from './stored-files.js';

/** How long who completes a signature waits to hear that it is stamped as well. */
const patienceMs = 10_000;
/** By then a process that completed one and died has had its time. */
const ownTryMs = 5_000;

/** Serves signing: with a key elsewhere in two steps, or with one that is kept here in one. */
@Serves(signing)
export class Signing {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly maker: SignatureMaker,
    private readonly vault: KeyVault,
    private readonly stamping: Stamping,
  ) {}

  async prepare(input: PrepareSigning, caller: Caller): Promise<PreparedSigning> {
    const { row, token, base, certificate, trusted } = await this.maker.prepare(
      input,
      input.certificateId,
      caller,
    );
    await keepWhole(this.files, base);
    const { bytes, digest } = signerFor(certificate, trusted).prepare({
      content: { digest: row.digest },
    });
    return this.database.transaction(caller, async (manager, _, record) => {
      await manager.save(row);
      const { id, kind, documentId, rootSha256, baseSha256, expiresAt } = row;
      record('signatures.signing.prepared', id, { kind, documentId, rootSha256 });
      return {
        ...{ id, token, expiresAt, sha256: baseSha256, digestAlgorithm: row.digestAlgorithm },
        ...{ digest: digest.toString('base64'), toBeSigned: bytes.toString('base64') },
        documentDigest: row.digest.toString('base64'),
      };
    });
  }

  async complete(input: CompleteSigning, caller: Caller): Promise<SignatureReply> {
    const { id, token } = input;
    const { manager } = this.database;
    const found = await manager.findOneBy(Signature, { id });
    if (!found || found.personId !== caller.personId) throw noSignature();
    found.mustBeOpenTo(token);
    const returned = mustBeOneWay(await this.returnedOf(input, caller));
    const made = await this.maker.complete(found, returned, caller);
    const reply = await this.database.transaction(caller, async (within, _, record) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const row = await within.findOneOrFail(Signature, { where: { id }, lock });
      row.mustBeOpenTo(token);
      const { field, increment, byteRange, digest, digestAlgorithm, contentsBytes } = found;
      Object.assign(row, { field, increment, byteRange, digest, digestAlgorithm, contentsBytes });
      row.complete(made.cms, made.ocsp, ownTryMs);
      await within.save(row);
      record('signatures.signing.completed', id, { kind: row.kind });
      return shown(row);
    });
    await this.stamping.tryNow(id, patienceMs);
    return this.current(reply);
  }

  async sign(input: SignWithKey, caller: Caller): Promise<SignatureReply> {
    const [{ certificateId }, key] = await this.vault.open(input.keyId, input, caller);
    const { row, complete } = await this.maker.make(input, certificateId, key, caller);
    const reply = await this.database.transaction(caller, async (manager, _, record) => {
      complete(ownTryMs);
      await manager.save(row);
      record('signatures.signing.completed', row.id, { kind: row.kind, keyId: input.keyId });
      return shown(row);
    });
    await this.stamping.tryNow(row.id, patienceMs);
    return this.current(reply);
  }

  async list(input: ListSignatures, caller: Caller): Promise<SignaturePage> {
    const { limit = 50, after, documentId = null } = input;
    const { everywhere, agencies, blocs } = reachOf(caller, ['signatures.read']);
    const [at = null, id = null] = keyOf(after) ?? [];
    const ids = await this.database.query<{ id: string }>(
      `select s.id from signature s where ${withinReach('s.agency_id')}
         and ($4::uuid is null or s.document_id = $4 or s.draft_id = $4)
         and ($5::timestamptz is null or (s.prepared_at, s.id) < ($5, $6::uuid))
       order by s.prepared_at desc, s.id desc limit $7`,
      [everywhere, agencies, blocs, documentId, at, id, limit],
    );
    const rows = await this.database.manager
      .createQueryBuilder(Signature, 's')
      .where('s.id = any(:ids)', { ids: ids.map((each) => each.id) })
      .orderBy({ 's.preparedAt': 'DESC', 's.id': 'DESC' })
      .getMany();
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return {
      items: rows.map(shown),
      next: last && cursorOf(last.preparedAt.toISOString(), last.id),
    };
  }

  async find({ id }: FindSignature, caller: Caller): Promise<SignatureReply> {
    return shown(await this.readable(id, caller));
  }

  async file({ id }: FindSignature, caller: Caller): Promise<StoredFile> {
    const { sha256, size, fileName: name } = await this.readable(id, caller);
    if (!sha256) throw noSignature();
    return { sha256, name, size: Number(size), mediaType: 'application/pdf' };
  }

  async document({ id }: FindSignature, caller: Caller): Promise<StoredFile> {
    const row = await this.database.manager.findOneBy(Signature, { id });
    if (row?.state !== 'prepared' || row.personId !== caller.personId) throw noSignature();
    const { baseSha256: sha256, fileName: name, byteRange } = row;
    const size = byteRange[2] + byteRange[3] - row.increment.length;
    return { sha256, name, size, mediaType: 'application/pdf' };
  }

  private async returnedOf(input: CompleteSigning, caller: Caller): Promise<Returned> {
    const { signature, cms, ticket } = input;
    return {
      signature: signature === undefined ? undefined : Buffer.from(signature, 'base64'),
      cms: cms === undefined ? undefined : Buffer.from(cms, 'base64'),
      file: ticket === undefined ? undefined : await this.maker.uploaded(ticket, caller),
    };
  }

  /** What became of it by now; the answer that its transaction gave when there is nothing new. */
  private async current(reply: SignatureReply): Promise<SignatureReply> {
    const row = await this.database.manager.findOneBy(Signature, { id: reply.id });
    return row ? shown(row) : reply;
  }

  private async readable(id: string, caller: Caller): Promise<Signature> {
    const { manager } = this.database;
    const row = await manager.findOneBy(Signature, { id });
    if (!row) throw noSignature();
    const own = row.personId === caller.personId;
    if (!own && !caller.may('signatures.read', await placeOf(manager, row.agencyId))) {
      throw noSignature();
    }
    return row;
  }
}

const noSignature = () =>
  new NotFound({ vi: 'Không có chữ ký này', en: 'There is no such signature' });
