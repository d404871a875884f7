import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  type Caller,
  Dispatch,
  dispatches,
  type Dispatches as DispatchesReply,
  type DispatchesOf,
  Forbidden,
  NoMailAllowed,
  NotIssued,
  outgoing,
  type OutgoingDetails,
  type SendDocument,
  type StoredFile,
} from '@eoffice/contracts';
import { clientOf } from '@eoffice/platform/client-of';
import { Database } from '@eoffice/platform/database';
import { FileStore, FileTooLarge } from '@eoffice/platform/files';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { Services } from '@eoffice/platform/services';
import type { EntityManager } from 'typeorm';
import { MailSettings } from '../config.js';
import { folderOf } from '../folders/provision.js';
import { Deciding } from '../policy/deciding.js';
import { accept } from '../raw/accept.js';
import { keepRaw } from '../raw/raw-messages.js';
import { MessageReader, type Summary } from '../reading/message-reader.js';
import { type Rights, rightsOf } from '../rights/rights-of.js';
import { Refusals } from '../smtp/refusals.js';
import { Reply } from '../smtp/reply.js';
import { dateOf } from '../smtp/trace.js';
import { addEmail } from '../store/add-email.js';
import { addressKey } from '../store/recipients.js';
import { nextState } from '../store/state.js';
import { placeOf } from '../survey/reach.js';
import { filesOf, letterOf, subjectOf } from './letter.js';
import { outcomesOf } from './outcomes.js';

/** What is to be sent, whole. */
interface Sending {
  document: OutgoingDetails;
  rights: Rights;
  recipients: string[];
  files: StoredFile[];
  messageId: string;
  octets: Buffer;
  summary: Summary;
}

const permission = 'documents.issue';
/** Content that is attached grows by a third, and by the ends of its lines. */
const growth = 1.4;

/** Sends issued documents by official mail, from the page of the document. */
@Serves(dispatches)
export class Dispatches {
  private readonly outgoing;

  constructor(
    private readonly database: Database,
    private readonly store: FileStore,
    private readonly reader: MessageReader,
    private readonly settings: MailSettings,
    private readonly deciding: Deciding,
    private readonly refusals: Refusals,
    services: Services,
  ) {
    this.outgoing = clientOf(outgoing, services);
  }

  async send(input: SendDocument, caller: Caller): Promise<Dispatch> {
    const { documentId, mailboxId, to, again = false } = input;
    const { manager } = this.database;
    const document = await this.outgoing.find({ id: documentId }, caller);
    caller.acting(permission, await placeOf(manager, document.organisationId));
    const rights = await rightsOf(manager, caller, mailboxId);
    if (!rights.sendAs) throw maySendNothing();
    if (document.state !== 'issued') throw new NotIssued();
    const recipients = [...new Set(to.map(addressKey))].sort();
    const sending = await this.compose(input, document, rights, recipients);
    await this.mustBeAllowed(sending, caller);
    return this.database.transaction(caller, async (manager, _, record) => {
      // The mailbox is locked from here: whoever sends the same meanwhile finds it sent.
      const state = await nextState(manager, mailboxId);
      const before = again ? undefined : await sentBefore(manager, sending);
      if (before) return before;
      const dispatch = await this.hand(manager, sending, caller);
      await keepSent(manager, state, sending);
      const { acceptanceId } = dispatch;
      record('mail.document-sent', documentId, { mailboxId, recipients, acceptanceId });
      return dispatch;
    });
  }

  async list({ documentId }: DispatchesOf, caller: Caller): Promise<DispatchesReply> {
    await this.outgoing.find({ id: documentId }, caller);
    const { manager } = this.database;
    const rows = await manager.query<Dispatch[]>(
      `select ${columnsOf(Dispatch)} from dispatch where document_id = $1
       order by sent_at desc, id limit 200`,
      [documentId],
    );
    const outcomes = await outcomesOf(manager, rows);
    return {
      items: rows.map((row) => ({ ...row, outcomes: outcomes.get(row.acceptanceId) ?? [] })),
    };
  }

  private async compose(
    { to, note }: SendDocument,
    document: OutgoingDetails,
    rights: Rights,
    recipients: string[],
  ): Promise<Sending> {
    const files = filesOf(document);
    const most = this.settings.messageLimitMb * 1024 * 1024;
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size * growth > most) throw tooLarge(this.settings.messageLimitMb);
    const contents = new Map<string, Buffer>();
    for (const { sha256 } of files)
      contents.set(sha256, await buffer(await this.store.open(sha256)));
    const messageId = `${randomUUID()}@${rights.address.split('@').at(-1)}`;
    const [agency] = await this.database.query<{ name: string }>(
      `select name from known_organisation where organisation_id = $1 and valid_from <= $2
       order by valid_from desc limit 1`,
      [document.organisationId, document.issuedOn],
    );
    const from = { name: rights.name, email: rights.address };
    const octets = letterOf({
      ...{ document, agency: agency?.name, from, to, note, files, contents, messageId },
    });
    const summary = await this.reader.summarise(octets);
    return { document, rights, recipients, files, messageId, octets, summary };
  }

  /** By the rules of the day, as any mail of ours; what they refuse is announced. */
  private async mustBeAllowed({ rights, recipients, octets }: Sending, caller: Caller) {
    const { mailboxId, address: reversePath } = rights;
    const submitted = { octets, mailboxId, reversePath, recipients };
    try {
      await this.deciding.judgeSubmission(this.database.manager, submitted);
    } catch (error) {
      if (!(error instanceof Reply)) throw error;
      const { personId, request } = caller;
      const facts = {
        way: 'submission',
        peer: request.address,
        reversePath,
        recipients,
        personId,
      } as const;
      this.refusals.announce(error, facts);
      throw new NoMailAllowed({ vi: error.vi, en: error.en });
    }
  }

  private async hand(
    manager: EntityManager,
    { document, rights, recipients, files, messageId, octets }: Sending,
    { personId }: Caller,
  ): Promise<Dispatch> {
    const id = randomUUID();
    const { mailboxId, address } = rights;
    const acceptanceId = await accept(manager, {
      ...{ octets, way: 'submission', reversePath: address, recipients, mailboxId },
      ...{ actor: personId, peer: { protocol: 'HTTP' } },
      received: `Received: by ${this.settings.mailHostname} with HTTP id ${id};\r\n\t${dateOf(new Date())}`,
    });
    const [made] = await manager.query<Dispatch[]>(
      `insert into dispatch (id, document_id, organisation_id, mailbox_id, acceptance_id, recipients,
         message_id, subject, files, sent_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${columnsOf(Dispatch)}`,
      [
        ...[id, document.id, document.organisationId, mailboxId, acceptanceId, recipients],
        ...[messageId, subjectOf(document), JSON.stringify(files), personId],
      ],
    );
    return made!;
  }
}

/** The last time the document went from this mailbox to exactly these. */
async function sentBefore(
  manager: EntityManager,
  { document, rights, recipients }: Sending,
): Promise<Dispatch | undefined> {
  const [before] = await manager.query<Dispatch[]>(
    `select ${columnsOf(Dispatch)} from dispatch
     where document_id = $1 and mailbox_id = $2 and recipients = $3
     order by sent_at desc limit 1`,
    [document.id, rights.mailboxId, recipients],
  );
  return before;
}

/** A copy where the mailbox keeps what was sent from it. */
async function keepSent(
  manager: EntityManager,
  state: string,
  { rights: { mailboxId }, octets, summary }: Sending,
) {
  const sha256 = await keepRaw(manager, octets);
  await addEmail(manager, state, {
    ...{ mailboxId, sha256, size: octets.length, summary, keywords: ['$seen'] },
    folderIds: [await folderOf(manager, mailboxId, 'sent', state)],
    receivedAt: new Date(),
  });
}

const maySendNothing = () =>
  new Forbidden({
    vi: 'Bạn không có quyền gửi thư từ hộp thư này',
    en: 'You may not send as this mailbox',
  });

const tooLarge = (limitMb: number) =>
  new FileTooLarge({
    vi: `Các tệp của văn bản lớn hơn một thư được phép (${limitMb} MiB cả phần mã hóa)`,
    en: `The files of the document are more than one mail may carry (${limitMb} MiB encoded)`,
  });
