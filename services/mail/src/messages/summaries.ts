import type { MailAddress, MailFinding, MessageSummary } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import type { AddressField, Named } from '../reading/message-reader.js';

type Row = Omit<MessageSummary, 'from' | 'to'> & {
  addresses: Partial<Record<AddressField, Named[]>>;
  sha256: string;
  parsed: string;
};

const columns = `
  e.id, e.thread_id as "threadId", e.subject, e.addresses, e.preview, e.received_at as "receivedAt",
  e.sent_at as "sentAt", e.size, e.has_attachment as "hasAttachment", e.parsed,
  e.keywords @> '{$seen}' as seen, e.keywords @> '{$flagged}' as flagged,
  e.keywords @> '{$answered}' as answered, e.keywords @> '{$draft}' as draft,
  encode(e.sha256, 'hex') as sha256,
  array(select l.folder_id from email_folder l
    where l.mailbox_id = e.mailbox_id and l.email_id = e.id) as "folderIds"`;

/** Emails of a mailbox as lists show them, in the order of their ids; those not there are left out. */
export async function summariesOf(
  manager: EntityManager,
  mailboxId: string,
  ids: string[],
): Promise<(MessageSummary & Row)[]> {
  const rows = await manager.query<Row[]>(
    `select ${columns} from unnest($2::uuid[]) with ordinality as wanted (id, place)
     join email e on e.mailbox_id = $1 and e.id = wanted.id order by place`,
    [mailboxId, ids],
  );
  return rows.map((row) => ({
    ...row,
    subject: row.subject ?? undefined,
    from: shown(row.addresses.from),
    to: shown(row.addresses.to),
  }));
}

/** What the rules of its day found in a message when it came. */
export async function findingsOf(manager: EntityManager, mailboxId: string, id: string) {
  const [found] = await manager.query<{ findings: MailFinding[] }[]>(
    `select f.findings from email e join acceptance_findings f using (acceptance_id)
     where e.mailbox_id = $1 and e.id = $2`,
    [mailboxId, id],
  );
  return found?.findings ?? [];
}

/** Addresses as contracts have them. */
export const shown = (list: Named[] = []): MailAddress[] =>
  list.map(({ name, email }) => ({ name: name ?? undefined, email }));
