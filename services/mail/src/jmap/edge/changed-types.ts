import type { Database } from '@eoffice/platform/database';

/** The types whose changes are told (RFC 8620, 1.5; RFC 8621, 1.5). */
export const pushedTypes = [
  ...['Email', 'EmailDelivery', 'Mailbox', 'Thread', 'Identity', 'EmailSubmission'],
  'VacationResponse',
];

/** Which types of a mailbox have changed since a state; those that came by delivery count twice. */
export async function changedTypes(
  database: Database,
  mailboxId: string,
  since: string,
): Promise<string[]> {
  const changed = (table: string) =>
    `exists (select from ${table} where mailbox_id = $1 and changed_at_state > $2)`;
  const gone = (type: string) =>
    `exists (select from gone where mailbox_id = $1 and at_state > $2 and type = '${type}')`;
  const [row] = await database.query<Record<string, boolean>>(
    `select ${changed('email')} or ${gone('email')} as "Email",
       exists (select from email where mailbox_id = $1 and changed_at_state > $2
         and created_at_state > $2 and acceptance_id is not null) as "EmailDelivery",
       ${changed('folder')} or ${gone('folder')} as "Mailbox",
       ${changed('thread')} or ${gone('thread')} as "Thread",
       ${changed('identity')} or ${gone('identity')} as "Identity",
       ${changed('submission')} or ${gone('submission')} as "EmailSubmission",
       ${changed('vacation_response')} as "VacationResponse"`,
    [mailboxId, since],
  );
  return pushedTypes.filter((type) => row![type]);
}
