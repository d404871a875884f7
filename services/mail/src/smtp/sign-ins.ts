import { Injectable } from '@nestjs/common';
import { mailSignInRefused, Unauthenticated } from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import type { SMTPServerAuthentication } from 'smtp-server';
import { KnownPasswords } from '../app-passwords/known-passwords.js';
import { addressKey } from '../store/recipients.js';
import { peerOf, Rate } from './limits.js';
import { Reply } from './reply.js';
import { addressesOf, type Submitter } from './senders.js';

/** Somebody who signed in to submit, and until when that counts. */
export interface SignedIn extends Submitter {
  passwordId?: string;
  /** Milliseconds since 1970: when the token ends. */
  until?: number;
}

const quarterMs = 900_000;
const mostFailures = 10;
/** Events of failures a quarter of an hour, of all addresses together: nobody fills the journal by them. */
const mostTold = 1_000;

/** Lets people in by app passwords and access tokens, and counts who fails. */
@Injectable()
export class SignIns {
  private readonly failures = new Rate(mostFailures, quarterMs);
  private readonly told = new Rate(mostTold, quarterMs);

  constructor(
    private readonly passwords: KnownPasswords,
    private readonly callers: Callers,
    private readonly database: Database,
  ) {}

  /** Who it is. The name is an address of a mailbox they use. Throws Reply. */
  async enter(given: SMTPServerAuthentication, address: string): Promise<SignedIn> {
    const peer = peerOf(address);
    if (this.failures.full(peer)) throw tooMany();
    const { username = '' } = given;
    const signedIn = await this.known(given, address);
    const theirs = signedIn && (await addressesOf(this.database.manager, signedIn));
    if (signedIn && theirs!.has(addressKey(username))) return signedIn;
    this.failures.exceeded(peer);
    await this.tell(given, address);
    throw new Reply(535, '5.7.8', 'Đăng nhập không đúng', 'Wrong name or password');
  }

  /** Throws Reply when what let somebody in does so no more. */
  async mustHold({ passwordId, until }: SignedIn) {
    const over = until !== undefined && until <= Date.now();
    if (!over && (!passwordId || (await this.passwords.holds(passwordId)))) return;
    throw new Reply(421, '4.7.0', 'Hãy đăng nhập lại', 'Sign in again');
  }

  private async known(
    { method, password, accessToken }: SMTPServerAuthentication,
    address: string,
  ): Promise<SignedIn | undefined> {
    if (method !== 'XOAUTH2') return this.passwords.open(password ?? '', 'smtp', address);
    try {
      const { person, exp } = await this.callers.claimsOf(accessToken ?? '');
      return { personId: person, until: exp * 1000 };
    } catch (error) {
      if (error instanceof Unauthenticated) return undefined;
      throw error;
    }
  }

  private async tell({ method, username = '' }: SMTPServerAuthentication, peer: string) {
    if (this.told.exceeded('')) return;
    const failures = this.failures.count(peerOf(peer));
    const fact = { username: username.slice(0, 320), peer, failures, method: method as 'PLAIN' };
    await this.database.transaction({}, async (_, emit) => emit(mailSignInRefused, peer, fact));
  }
}

const tooMany = () =>
  new Reply(
    ...([421, '4.7.0'] as const),
    'Quá nhiều lần đăng nhập sai, hãy thử lại sau 15 phút',
    'Too many failures to sign in, try again in 15 minutes',
  );
