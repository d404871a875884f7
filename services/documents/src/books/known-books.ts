import { Injectable } from '@nestjs/common';
import { NotFound, type Place } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';

/** Where a book belongs: what never changes of it, so that it is asked for once. */
export interface KnownBook {
  id: string;
  direction: 'incoming' | 'outgoing';
  place: Place;
}

const maxRemembered = 10_000;

/** Remembers whose each book is: every registration asks, and the answer never changes. */
@Injectable()
export class KnownBooks {
  private readonly known = new Map<string, KnownBook>();

  constructor(private readonly database: Database) {}

  /** Throws NotFound. */
  async find(id: string): Promise<KnownBook> {
    const known = this.known.get(id);
    if (known) return known;
    const [row] = await this.database.query<{
      direction: KnownBook['direction'];
      organisationId: string;
      bloc: Place['bloc'];
    }>(
      `select b.direction, b.organisation_id as "organisationId", o.bloc
       from book b join known_organisation o using (organisation_id) where b.id = $1 limit 1`,
      [id],
    );
    if (!row) throw new NotFound({ vi: `Không có sổ ${id}`, en: `There is no book ${id}` });
    const { direction, organisationId, bloc } = row;
    const book = { id, direction, place: { id: organisationId, bloc } };
    if (this.known.size >= maxRemembered) this.known.clear();
    this.known.set(id, book);
    return book;
  }
}
