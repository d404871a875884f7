import { MailEvidence, type StoredFile } from '@eoffice/contracts';
import { present } from '@eoffice/platform/keep';
import { nfc } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';

/** What a document is to be registered from. */
export interface Chosen {
  mailboxId: string;
  emailId: string;
  /** None for the message itself. */
  partIds: string[];
  files: StoredFile[];
  sender?: string;
}

/** What the documents service is told of the mail. */
export interface Frozen {
  documentId: string;
  files: StoredFile[];
  sender?: string;
  messageId?: string;
  receivedAt: Date;
}

const frozen = `document_id as "documentId", files, sender, message_id as "messageId",
  received_at as "receivedAt"`;

const authentication = `jsonb_build_object('spf', a.spf, 'dkim', a.dkim, 'dmarc', a.dmarc,
  'arc', a.arc, 'header', a.header, 'foundAt', a.found_at)`;

/**
 * Freezes what is known of a mail and of what was chosen of it, and says under which id it becomes a
 * document. The same choice of the same message in the same mailbox is the same evidence, also for two
 * who ask at the same instant. Undefined when the email is gone.
 */
export async function freeze(
  manager: EntityManager,
  { mailboxId, emailId, partIds, files, sender }: Chosen,
): Promise<Frozen | undefined> {
  const [email] = await manager.query<{ sha256: string; messageId: string | null }[]>(
    `select encode(sha256, 'hex') as sha256, message_ids[1] as "messageId" from email
     where mailbox_id = $1 and id = $2`,
    [mailboxId, emailId],
  );
  if (!email) return undefined;
  await manager.query(
    `insert into evidence (mailbox_id, email_id, sha256, part_ids, files, message_id, sender,
       received_at, acceptance, authentication)
     select e.mailbox_id, e.id, e.sha256, $3, $4, $6, $5, e.received_at,
       (select jsonb_build_object('id', a.id, 'way', a.way, 'reversePath', a.reverse_path,
          'recipients', a.recipients, 'peer', a.peer, 'received', a.received)
        from acceptance a where a.id = e.acceptance_id),
       (select ${authentication} from authentication a where a.acceptance_id = e.acceptance_id)
     from email e where e.mailbox_id = $1 and e.id = $2
     on conflict (mailbox_id, sha256, part_ids) do nothing`,
    [
      ...[mailboxId, emailId, partIds, JSON.stringify(files), shown(sender, 320)],
      shown(email.messageId, 998),
    ],
  );
  const [row] = await manager.query<Frozen[]>(
    `select ${frozen} from evidence
     where mailbox_id = $1 and sha256 = decode($2, 'hex') and part_ids = $3`,
    [mailboxId, email.sha256, partIds],
  );
  return present(row!);
}

/** What a header says, as other services take it; the message itself says it in full. */
function shown(said: string | null | undefined, most: number): string | null {
  const clean = nfc(said ?? '').replace(/[\p{Cc}\p{M}]/gu, '');
  return [...clean.trim()].slice(0, most).join('') || null;
}

type Row = Omit<MailEvidence, 'recipients' | 'peer'> & {
  acceptance: Pick<MailEvidence, 'way' | 'reversePath' | 'recipients' | 'peer' | 'received'> | null;
};

/**
 * The evidence of a document that was registered from mail; undefined for any other. What was found out
 * of its sender only after it was frozen stands there too.
 */
export async function evidenceOf(
  manager: EntityManager,
  documentId: string,
): Promise<MailEvidence | undefined> {
  const [row] = await manager.query<Row[]>(
    `select e.document_id as "documentId", mailbox_id as "mailboxId", encode(sha256, 'hex') as sha256,
       octet_length(octets) as size, part_ids as "partIds", files, message_id as "messageId",
       received_at as "receivedAt", acceptance,
       coalesce(authentication, (select ${authentication} from authentication a
         where a.acceptance_id = (acceptance->>'id')::uuid)) as authentication,
       registered_at as "registeredAt",
       registered_by as "registeredBy", registered_for as "registeredFor"
     from evidence e join registered_evidence using (document_id) join raw_message using (sha256)
     where e.document_id = $1`,
    [documentId],
  );
  if (!row) return undefined;
  const { acceptance, ...rest } = row;
  const { way, reversePath, recipients = [], peer = {}, received } = acceptance ?? {};
  return { ...present(rest), ...{ way, reversePath, recipients, peer, received } };
}
