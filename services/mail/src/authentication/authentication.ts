import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { Rounds } from '@eoffice/platform/rounds';
import { ServiceLog } from '@eoffice/platform/tokens';
import { MailSettings } from '../config.js';
import { headerOf } from '../smtp/header.js';
import { type Resolve, resolveBy } from './resolve.js';
import { type Answer, dkimOf, headerTextOf, verify } from './verify.js';

interface Due {
  id: string;
  octets: Buffer;
  reversePath: string;
  peer: { address?: string; hello?: string };
  tries: number;
}

const atOnce = 4;
const mostTries = 4;
const withinMs = 30_000;

/**
 * Finds out who really sent what came from other servers, after it was kept and apart from its
 * delivery. Doing it twice finds the same; where DNS does not answer it is asked again for a while.
 */
@Injectable()
export class Authentication implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds: Rounds;
  private readonly resolve: Resolve;

  constructor(
    private readonly database: Database,
    private readonly settings: MailSettings,
    @Inject(ServiceLog) private readonly log: Log,
  ) {
    this.resolve = resolveBy(settings.mailDnsServers?.split(',') ?? []);
    this.rounds = new Rounds(() => this.next(), log);
  }

  onApplicationBootstrap() {
    this.rounds.start(atOnce);
  }

  beforeApplicationShutdown() {
    return this.rounds.stop();
  }

  private async next(): Promise<boolean> {
    const [due] = await this.take();
    if (!due) return false;
    const answer = await this.answer(due);
    await this.keep(due, answer);
    return true;
  }

  /** One that is due; whoever is killed with it leaves it to be taken again. */
  private take(): Promise<Due[]> {
    return this.database.transaction({}, async (manager) => {
      const [ids] = await manager.query<[{ id: string; tries: number }[], number]>(
        `update authentication_due set tries = tries + 1, next_at = now() + interval '5 minutes'
         where acceptance_id = (select acceptance_id from authentication_due where next_at <= now()
           order by next_at limit 1 for update skip locked)
         returning acceptance_id as id, tries`,
      );
      if (ids.length === 0) return [];
      const [{ id, tries }] = ids as [{ id: string; tries: number }];
      const found = await manager.query<Omit<Due, 'tries'>[]>(
        `select a.id, octets, reverse_path as "reversePath", peer
         from acceptance a join raw_message using (sha256) where a.id = $1`,
        [id],
      );
      return found.map((each) => ({ ...each, tries }));
    });
  }

  private async answer({ id, octets, reversePath, peer }: Due): Promise<Answer> {
    const { address = '', hello = '' } = peer;
    const question = { octets, header: headerOf(octets), reversePath, address, hello };
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('DNS took too long')), withinMs);
    try {
      const finding = verify(question, this.resolve, this.settings.mailHostname);
      return await Promise.race([finding, late.promise]);
    } catch (error) {
      this.log.warn({ err: error, acceptance: id }, 'a sender was not found out about');
      const unknown = {
        result: 'temperror' as const,
        domain: '',
        reason: (error as Error).message,
      };
      return { spf: unknown, dkim: [], dmarc: unknown, arc: unknown };
    } finally {
      clearTimeout(timer);
    }
  }

  private async keep({ id, tries }: Due, answer: Answer) {
    const { spf, dmarc, arc } = answer;
    const found = [spf.result, dkimOf(answer), dmarc.result, arc.result];
    const again = found.includes('temperror') && tries < mostTries;
    await this.database.transaction({}, async (manager) => {
      await manager.query(
        `insert into authentication (acceptance_id, spf, dkim, dmarc, arc, results, header)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (acceptance_id) do update set spf = $2, dkim = $3, dmarc = $4, arc = $5,
           results = $6, header = $7, found_at = now()`,
        [id, ...found, answer, headerTextOf(answer, this.settings.mailHostname)],
      );
      if (!again)
        await manager.query('delete from authentication_due where acceptance_id = $1', [id]);
    });
  }
}
