import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { StatusHost } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { PolicyInForce } from '../validation/policy-rows.js';
import { allowanceFor, Validators } from '../validation/validators.js';
import { fetchStatus, PrivateAddress, rowFor } from './fetch-status.js';

type Kind = 'issuer' | 'ocsp' | 'crl';

/** One question to a host: for an issuer's certificate or a list, or an OCSP request in base64. */
interface Question {
  kind: Kind;
  url: string;
  body?: string;
}

interface Answer {
  kind: Kind;
  body: Buffer;
  /** Under which it is remembered; absent when it was. */
  question?: string;
}

/** An issuer that was fetched has an issuer and a status of its own. */
const maxRounds = 3;
const maxQuestions = 24;
const maxMs = 8_000;
const maxUnreached = 20;
const minuteMs = 60_000;
/** How long an answer is remembered that does not say so itself, and at most. */
const keptMs: Record<Kind, number> = {
  ocsp: 10 * minuteMs,
  crl: 60 * minuteMs,
  issuer: 24 * 60 * minuteMs,
};
/** A host that did not answer is left alone for a while. */
const silenceMs = minuteMs;
const maxSilent = 1_000;

/** Completes the facts of a document with what authorities say of its certificates today. */
@Injectable()
export class StatusEvidence {
  private readonly silent = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly validators: Validators,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  /** Never fails for want of an answer: what is not known stays unknown, and it is said who was asked. */
  async complete(
    facts: string,
    { text: policy, responders }: Pick<PolicyInForce, 'text' | 'responders'>,
  ): Promise<{ facts: string; unreached: string[] }> {
    const hosts = await this.hosts();
    const unreached = new Set<string>();
    const asked = new Set<string>();
    const ends = Date.now() + maxMs;
    for (let round = 0; round < maxRounds; round++) {
      const wanted = await this.validators.run<Question[][]>(
        'wanted',
        { facts, policy, responders, at: new Date() },
        allowanceFor(facts.length),
      );
      const fresh = wanted.filter((each) => !asked.has(JSON.stringify(each)));
      const now = fresh.slice(0, Math.max(0, maxQuestions - asked.size));
      if (now.length === 0) break;
      for (const each of now) asked.add(JSON.stringify(each));
      const found = await Promise.all(now.map((each) => this.first(each, hosts, ends, unreached)));
      facts = await this.add(
        facts,
        found.filter((answer) => answer !== undefined),
      );
    }
    return { facts, unreached: [...unreached].sort().slice(0, maxUnreached) };
  }

  private hosts(): Promise<StatusHost[]> {
    return this.database.query<StatusHost>(
      `select ${columnsOf(StatusHost)} from status_host
       where valid_from <= local_day() and (valid_to is null or valid_to >= local_day())`,
    );
  }

  /** The first answer of several places that would do. */
  private async first(
    alternatives: Question[],
    hosts: StatusHost[],
    ends: number,
    unreached: Set<string>,
  ): Promise<Answer | undefined> {
    const missed: string[] = [];
    for (const { kind, url: text, body } of alternatives.slice(0, 4)) {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (!url) continue;
      const answer = await this.ask({ kind, url, body }, hosts, ends);
      if (answer) return answer;
      missed.push(url.host.slice(0, 260));
    }
    for (const host of missed) unreached.add(host);
    return undefined;
  }

  private async ask(
    { kind, url, body }: { kind: Kind; url: URL; body?: string },
    hosts: StatusHost[],
    ends: number,
  ): Promise<Answer | undefined> {
    const row = rowFor(url, hosts);
    if (!row) return undefined;
    const question = hash('sha256', `${kind} ${url.href} ${body ?? ''}`, 'hex');
    const [known] = await this.database.query<{ body: Buffer }>(
      'select body from status_answer where question = $1 and expires_at > now()',
      [question],
    );
    if (known) return { kind, body: known.body };
    if ((this.silent.get(url.host) ?? 0) > Date.now() || Date.now() > ends) return undefined;
    try {
      const answer = await fetchStatus(url, row, body ? Buffer.from(body, 'base64') : undefined);
      return { kind, body: answer, question };
    } catch (error) {
      this.log.warn({ host: url.host, reason: (error as Error).message }, 'no status');
      if (!(error instanceof PrivateAddress)) this.leaveAlone(url.host);
      return undefined;
    }
  }

  private leaveAlone(host: string) {
    if (this.silent.size >= maxSilent) this.silent.clear();
    this.silent.set(host, Date.now() + silenceMs);
  }

  /** Adds answers to the facts, and remembers those that could be read. */
  private async add(facts: string, answers: Answer[]): Promise<string> {
    if (answers.length === 0) return facts;
    const octets = answers.reduce((sum, { body }) => sum + body.length, facts.length);
    const added = await this.validators.run<{ facts: string; until: (string | null)[] }>(
      'add',
      { facts, answers: answers.map(({ kind, body }) => ({ kind, body })) },
      allowanceFor(octets),
    );
    for (const [index, { kind, body, question }] of answers.entries()) {
      const until = added.until[index];
      if (!question || until === null) continue;
      const latest = Date.now() + keptMs[kind];
      const expires = until ? Math.min(latest, Date.parse(until)) : latest;
      await this.database.transaction({}, (manager) =>
        manager.query(
          `insert into status_answer (question, body, expires_at) values ($1, $2, $3)
           on conflict (question) do update set body = excluded.body, expires_at = excluded.expires_at`,
          [question, body, new Date(expires)],
        ),
      );
    }
    return added.facts;
  }
}
