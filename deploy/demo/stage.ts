import { setTimeout as wait } from 'node:timers/promises';
import { localDay } from '@eoffice/platform/local-time';
import type { MailPorts } from '../local/programs.js';
import { Refused } from '../seed/client.js';
import type { Cast, Player } from './cast.js';
import type { Authority } from './certified.js';
import type { Neighbour } from './neighbour.js';

/** What the acts of the demonstration share. */
export interface Stage {
  url: string;
  cast: Cast;
  /** Where files that are worth a look are left. */
  folder: string;
  /** The authority for tests, where it runs. */
  authority?: Authority;
  /** Where mail comes in. */
  mail: MailPorts;
  /** An office elsewhere that the stack can send to, if it was started for the demonstration. */
  neighbour?: Neighbour;
}

/** The ward where most of the demonstration happens. */
export const ward = 'UBND phường 1 Bảo Lộc';

export interface Page<T> {
  items: T[];
}
export interface Versioned {
  id: string;
  version: number;
}

export const today = () => localDay();

/** The register book of a person's agency for this year. */
export async function bookOf({ client, agencyId }: Player, direction: string): Promise<string> {
  const { items } = await client.get<Page<{ id: string }>>(
    `/v1/books?organisationId=${agencyId}&direction=${direction}&year=${today().slice(0, 4)}`,
  );
  return items[0]!.id;
}

/** The open task about a document in somebody's inbox. */
export async function taskOf({ client }: Player, documentId: string): Promise<{ id: string }> {
  const { items } = await client.get<Page<{ id: string; documentId: string }>>('/v1/tasks');
  return items.find((task) => task.documentId === documentId)!;
}

/** What an attempt that must be refused is told. Throws when it is let through. */
export async function refusalOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { title, detail, errors } = error.problem;
    const fields = errors?.map((each) => `${each.pointer} ${each.detail}`).join('; ');
    const why = detail ?? fields;
    return `${error.status} ${title}${why ? `: ${why}` : ''}`;
  }
  throw new Error('This should have been refused');
}

/** Asks until the answer is worth showing: what reactions keep follows the fact by a moment. */
export async function soon<T>(ask: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (enough(answer) || attempt > 100) return answer;
    await wait(100);
  }
}
