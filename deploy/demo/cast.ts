import { Client } from '../seed/client.js';
import type { DemoAccount } from '../seed/seed.js';

/** Somebody of the demonstration: their account, signed in. */
export interface Player extends DemoAccount {
  client: Client;
  /** How the timeline names them: `Văn thư Bùi Hữu Bình`. */
  called: string;
}

/** Finds people of the seed by what they are, and signs them in once. */
export class Cast {
  private readonly players = new Map<string, Player>();

  constructor(
    private readonly url: string,
    private readonly accounts: DemoAccount[],
  ) {}

  /** The person with a post at an agency: `at('UBND phường 1 Bảo Lộc', /^Văn thư/)`. */
  async at(agency: string, title: RegExp, unit?: string): Promise<Player> {
    const account = this.accounts.find((each) => {
      const parts = each.unit.split(', ');
      return parts.at(-1) === agency && title.test(each.title) && (!unit || parts[0] === unit);
    });
    if (!account) throw new Error(`Nobody at ${agency} is ${title.source}`);
    return this.signIn(account);
  }

  private async signIn(account: DemoAccount): Promise<Player> {
    const known = this.players.get(account.username);
    if (known) return known;
    const { username, password, fullName } = account;
    const session = await new Client(this.url).post<{ accessToken: string }>('/v1/sessions', {
      ...{ username, password },
    });
    const client = new Client(this.url).bearing(session.accessToken);
    const player = { ...account, client, called: `${shortTitle(account.title)} ${fullName}` };
    this.players.set(username, player);
    return player;
  }
}

const shortTitle = (title: string) => title.split(' ').slice(0, 2).join(' ');
