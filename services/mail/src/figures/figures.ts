import { type Figures as FiguresReply, figuresOf, type FiguresInput } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';

/** Measures how many people in office have an official mailbox. */
@Serves(figuresOf('mail'))
export class Figures {
  constructor(private readonly database: Database) {}

  async measure({ organisationIds, to }: FiguresInput): Promise<FiguresReply> {
    const items = await this.database.query<FiguresReply['items'][number]>(
      `select a.agency_id as "organisationId", 'mail.people-with-mailbox' as code,
         'Người có hộp thư công vụ' as name, count(distinct m.owner_id)::int as value,
         count(distinct a.person_id)::int as of, 'người' as unit
       from known_assignment a
       left join mailbox m on m.owner_id = a.person_id and m.state = 'open'
       where a.agency_id = any ($1::uuid[]) and a.valid_from <= $2
         and (a.valid_to is null or a.valid_to >= $2)
       group by a.agency_id`,
      [organisationIds, to],
    );
    return { items };
  }
}
