import { Readable } from 'node:stream';
import {
  arrivals,
  type Caller,
  incoming,
  type MailEvidence,
  type MailEvidenceOf,
  type MessageSummary,
  NotFound,
  type Registered,
  type RegisterMessage,
  registrations,
  SecretDocument,
  type StoredFile,
  UnsupportedType,
} from '@eoffice/contracts';
import { clientOf } from '@eoffice/platform/client-of';
import { Database } from '@eoffice/platform/database';
import { fileNameOf } from '@eoffice/platform/file-names';
import { FileStore } from '@eoffice/platform/files';
import { mediaTypeOf } from '@eoffice/platform/media-types';
import { Serves } from '@eoffice/platform/serves';
import { Services } from '@eoffice/platform/services';
import { slug } from '@eoffice/platform/text';
import { summariesOf } from '../messages/summaries.js';
import { isRefused, judgeMail } from '../policy/judging.js';
import { rulesToday } from '../policy/rules.js';
import { rawOf } from '../raw/raw-messages.js';
import { MessageReader } from '../reading/message-reader.js';
import { enter } from '../rights/enter.js';
import { evidenceOf, freeze } from './evidence.js';

const maxFileBytes = 200 * 1024 * 1024;
/** Of the attachments that go with a message; the message itself is one more. */
const maxAttachments = 19;
const messageType = 'message/rfc822';

/** A mail whose document is to be registered. */
type Email = MessageSummary & { sha256: string };

/** Makes incoming documents of mail, and keeps what proves where they came from. */
@Serves(registrations)
export class Registrations {
  private readonly arrivals;
  private readonly incoming;

  constructor(
    private readonly database: Database,
    private readonly reader: MessageReader,
    private readonly store: FileStore,
    services: Services,
  ) {
    this.arrivals = clientOf(arrivals, services);
    this.incoming = clientOf(incoming, services);
  }

  /** The document is named before it is there: whatever ends this halfway, asking again goes on. */
  async register(input: RegisterMessage, caller: Caller): Promise<Registered> {
    const { mailboxId, id, partIds = [], ...registration } = input;
    const data = { messageId: id };
    await enter(this.database, caller, mailboxId, { action: 'mail.messages.register', data });
    const [email] = await summariesOf(this.database.manager, mailboxId, [id]);
    if (!email) throw new NotFound();
    const octets = await rawOf(this.database.manager, email.sha256);
    await this.mustNotBeSecret(email, octets);
    const files =
      partIds.length > 0
        ? await this.attachmentsOf(octets, partIds)
        : await this.wholeOf(octets, email);
    const chosen = { mailboxId, emailId: id, partIds, files, sender: email.from[0]?.email };
    const { actor, request } = caller;
    const frozen = await this.database.transaction({ actor, request }, (manager) =>
      freeze(manager, chosen),
    );
    if (!frozen) throw new NotFound();
    const { documentId, sender, messageId, receivedAt } = frozen;
    const origin = { channel: 'email' as const, sender, messageId, receivedAt };
    return this.arrivals.register(
      { ...registration, documentId, files: frozen.files, origin },
      caller,
    );
  }

  async evidence({ documentId }: MailEvidenceOf, caller: Caller): Promise<MailEvidence> {
    return (await this.readable(documentId, caller)).evidence;
  }

  async message({ documentId }: MailEvidenceOf, caller: Caller): Promise<StoredFile> {
    const { evidence, quarantine } = await this.readable(documentId, caller);
    if (quarantine) throw new NotFound();
    const { sha256 } = evidence;
    const octets = await rawOf(this.database.manager, sha256);
    await this.database.record(caller, 'mail.evidence-read', documentId, { sha256 });
    return this.keep(octets, 'thu.eml', messageType);
  }

  /** The evidence is for whoever may read the document, and the service that keeps it says who. */
  private async readable(id: string, caller: Caller) {
    const { quarantine } = await this.incoming.find({ id }, caller);
    const evidence = await evidenceOf(this.database.manager, id);
    if (!evidence) throw new NotFound();
    return { evidence, quarantine };
  }

  /** Attachments are screened where documents are; what a mail itself says is looked at here. */
  private async mustNotBeSecret({ subject }: Email, octets: Buffer) {
    const rules = await rulesToday(this.database.manager);
    const shown = await this.reader.show(octets);
    const findings = judgeMail(
      { way: 'in', senders: [], recipients: [], subject, text: shown?.text },
      rules,
    );
    const marked = findings.filter(({ code }) => code === 'secrecy-mark');
    if (isRefused(marked)) throw new SecretDocument();
  }

  /** The attachments that were chosen. Throws NotFound, or UnsupportedType for what is no document. */
  private async attachmentsOf(octets: Buffer, partIds: string[]): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for (const partId of partIds) files.push(await this.attachment(octets, partId));
    return files;
  }

  /** What is of an accepted type beside the text, then the message as it came, in which all is. */
  private async wholeOf(octets: Buffer, { subject }: Email): Promise<StoredFile[]> {
    const shown = await this.reader.show(octets);
    const files: StoredFile[] = [];
    for (const { partId } of (shown?.attachments ?? []).slice(0, maxAttachments)) {
      const file = await this.attachment(octets, partId).catch((error: unknown) => {
        if (!(error instanceof UnsupportedType || error instanceof NotFound)) throw error;
      });
      if (file) files.push(file);
    }
    const name = `${slug(subject ?? '').slice(0, 80) || 'thu'}.eml`;
    return [...files, await this.keep(octets, name, messageType)];
  }

  /** What a part is, its content says; its writer only how it is called. */
  private async attachment(octets: Buffer, partId: string): Promise<StoredFile> {
    const part = await this.reader.partOf(octets, partId);
    const content = Buffer.from(part.content);
    const name = fileNameOf(part.name ?? `phan-${partId}`);
    return this.keep(content, name, await mediaTypeOf(Readable.from([content]), name));
  }

  private async keep(content: Buffer, name: string, mediaType: string): Promise<StoredFile> {
    const kept = await this.store.put(Readable.from([content]), { maxBytes: maxFileBytes });
    return { ...kept, name, mediaType };
  }
}
