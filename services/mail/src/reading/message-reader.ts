import { Inject, Injectable } from '@nestjs/common';
import { NotFound } from '@eoffice/contracts';
import type { Log } from '@eoffice/platform/log';
import { type Allowance, Fault, Threads, TooCostly } from '@eoffice/platform/threads';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { NamedAddress } from '../policy/judging.js';

/** Somebody a header names (RFC 8621, 4.1.2.3). */
export interface Named {
  name: string | null;
  email: string;
}

export type AddressField = 'sender' | 'from' | 'to' | 'cc' | 'bcc' | 'replyTo';

/** What lists, threads and searches need to know of a message. */
export interface Summary {
  /** `cut`: more than is kept here; `unread`: it could not be parsed, and there is only the raw message. */
  parsed: 'whole' | 'cut' | 'unread';
  subject: string | null;
  addresses: Partial<Record<AddressField, Named[]>>;
  preview: string;
  hasAttachment: boolean;
  /** RFC 3339 in UTC. */
  sentAt: string | null;
  messageIds: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  subjectKey: string;
  fromKey: string;
  toKey: string;
  /** Each 16 octets in hexadecimal. */
  threadKeys: string[];
  /** Lexemes of `email_words.words`. */
  words: string[];
}

/** What is known of a message that cannot be parsed: that it came. */
export const unread: Summary = {
  ...{ parsed: 'unread', subject: null, addresses: {}, preview: '', hasAttachment: false },
  ...{ sentAt: null, messageIds: null, inReplyTo: null, references: null },
  ...{ subjectKey: '', fromKey: '', toKey: '', threadKeys: [], words: [] },
};

/** What rules and the survey look at: names and addresses as parsed, never what only looks like one. */
export interface Facts {
  /** Of From, Sender and Reply-To, also where a message was sent again. */
  senders: NamedAddress[];
  recipients: NamedAddress[];
  /** False where there is more in the message than was looked at. */
  whole: boolean;
  subject: string;
  /** The beginning of it. */
  text: string;
  /** At least one for each ending there is. */
  fileNames: string[];
  /** By a machine: an answer, a notice, bulk mail. */
  automatic: boolean;
}

/** What is known of a message that comes into mailboxes. */
export interface Taken {
  summary: Summary;
  /** Absent of a message that cannot be read. */
  facts?: Facts;
}

/** A leaf of a message that is shown beside its text. */
export interface ShownPart {
  partId: string;
  name: string | null;
  mediaType: string;
  /** In octets, decoded. */
  size: number;
  contentId: string | null;
}

/** A message as it is read by people. */
export interface Shown {
  text: string;
  /** Harmless; '' if there is none. */
  html: string;
  /** There is more of it than is shown. */
  cut: boolean;
  attachments: ShownPart[];
}

const tasksPerThread = 5_000;
const megabyte = 1 << 20;

/** An honest message of so many octets takes a fraction of this. */
function allowanceFor({ length }: Buffer): Allowance {
  const cpuMs = 1_500 + (length / megabyte) * 100;
  return { cpuMs, wallMs: cpuMs * 6 };
}

/** Reads messages in threads of their own: whatever they are made of, nobody else waits for them. */
@Injectable()
export class MessageReader extends Threads {
  constructor(@Inject(ServiceLog) private readonly log: Log) {
    super(new URL('./read-message.mjs', import.meta.url), tasksPerThread);
  }

  /** What is known of a message; `unread` when it resists. */
  async summarise(octets: Buffer): Promise<Summary> {
    return (await this.ifReadable<Summary>('summarise', { octets })) ?? unread;
  }

  /** What rules look at; undefined when the message resists. */
  facts(octets: Buffer): Promise<Facts | undefined> {
    return this.ifReadable('facts', { octets });
  }

  /** Both, of a message that is read once for it. */
  async take(octets: Buffer): Promise<Taken> {
    return (await this.ifReadable<Taken>('take', { octets })) ?? { summary: unread };
  }

  /** A message as it is read by people; undefined when it resists and only the raw one can be had. */
  show(octets: Buffer): Promise<Shown | undefined> {
    return this.ifReadable('show', { octets });
  }

  /** The decoded content of a leaf. Throws NotFound for what is not there or cannot be read. */
  async partOf(octets: Buffer, partId: string): Promise<ShownPart & { content: Uint8Array }> {
    const part = await this.ifReadable<ShownPart & { content: Uint8Array }>('part', {
      octets,
      partId,
    });
    if (!part) throw new NotFound();
    return part;
  }

  private async ifReadable<T>(
    act: string,
    input: { octets: Buffer; partId?: string },
  ): Promise<T | undefined> {
    try {
      return await this.run<T>(act, input, allowanceFor(input.octets));
    } catch (error) {
      if (!(error instanceof TooCostly || error instanceof Fault)) throw error;
      const absent = error instanceof Fault && error.name === 'NoSuchPart';
      if (!absent) this.log.warn({ err: error, act }, 'a message could not be read');
      return undefined;
    }
  }
}
