import { Forbidden } from './problem.js';

/** The two blocs that share the platform and nothing else (khối Đảng, khối chính quyền). */
export const blocs = ['government', 'party'] as const;
export type Bloc = (typeof blocs)[number];

/** How far permissions reach: the organisation, its whole bloc, or everything. */
export type Reach = 'organisation' | 'bloc' | 'all';

/** The organisation a rule is about: which one, and of which bloc. */
export interface Place {
  id: string;
  bloc: Bloc;
  /** How far beyond it the act goes, such as giving somebody a permission; not at all if not said. */
  reach?: Reach;
}

/** Where a rule for everybody applies: only a post that reaches everything covers it. */
export const everywhere: Place = { id: '', bloc: 'everywhere' as Bloc, reach: 'all' };

/** One post a person holds, or stands in for, and what it lets them do. */
export interface Position {
  postId: string;
  /** The unit the post belongs to; the organisation itself for posts directly under it. */
  unitId: string;
  organisationId: string;
  bloc: Bloc;
  reach: Reach;
  permissions: string[];
  /** The absent person this caller stands in for; both identities are recorded. */
  forPersonId?: string;
}

/** Who is named by a record: who did it, in which post, and for whom. */
export interface Actor {
  personId: string;
  postId?: string;
  forPersonId?: string;
}

/** What the wire says about the request itself. */
export interface RequestFacts {
  id: string;
  /** The bearer token, so that one service can ask another on the caller's behalf. */
  token?: string;
  language: 'vi' | 'en';
  /** Where it came from: the IP address and the program, as the gateway saw them. */
  address?: string;
  agent?: string;
  idempotencyKey?: string;
  traceparent?: string;
}

/** Who is asking. Every service reads it from the access token and decides with it. */
export class Caller {
  private acted?: Actor;

  constructor(
    readonly accountId: string,
    readonly personId: string,
    readonly name: string,
    readonly positions: Position[],
    readonly request: RequestFacts,
  ) {}

  /** The caller of a public operation, and of what the system does by itself. */
  static nobody(request: RequestFacts): Caller {
    return new Caller('', '', '', [], request);
  }

  /** Whether any position gives the permission, at this place if one is named. */
  may(permission: string, place?: Place): boolean {
    return this.positionFor(permission, place) !== undefined;
  }

  /** Who the journal names: the identity `acting` gave last, else the person themselves. */
  get actor(): Actor | undefined {
    return this.acted ?? (this.personId ? { personId: this.personId } : undefined);
  }

  /** The identity that a permitted act is recorded under, from here on. Throws Forbidden. */
  acting(permission: string, place: Place): Actor {
    const position = this.positionFor(permission, place);
    if (!position) {
      throw new Forbidden({
        vi: 'Chức vụ của bạn không có quyền này tại cơ quan này',
        en: `None of your posts gives ${permission} at this organisation`,
      });
    }
    return this.actingIn(position);
  }

  /** The same for a position that a rule of its own has picked out. */
  actingIn({ postId, forPersonId }: Position): Actor {
    return (this.acted = { personId: this.personId, postId, forPersonId });
  }

  /** Own posts come before those held as a substitute: nobody acts for another without need. */
  private positionFor(permission: string, place?: Place): Position | undefined {
    const fitting = this.positions.filter(
      (position) => position.permissions.includes(permission) && reaches(position, place),
    );
    return fitting.find(({ forPersonId }) => !forPersonId) ?? fitting[0];
  }
}

function reaches(position: Position, place?: Place): boolean {
  if (!place || position.reach === 'all') return true;
  if (place.reach === 'all' || position.bloc !== place.bloc) return false;
  if (position.reach === 'bloc') return true;
  return place.reach !== 'bloc' && position.organisationId === place.id;
}
