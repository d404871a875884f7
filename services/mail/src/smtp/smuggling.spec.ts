import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailboxOpened, personChanged } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { person } from '@eoffice/testing/directory';
import { House } from '@eoffice/testing/house';
import { Peer } from '@eoffice/testing/smtp';
import fc from 'fast-check';
import { MailModule } from '../mail.module.js';
import { rawOf } from '../raw/raw-messages.js';
import { MailEdge } from './edge.js';

const box = 'an@lamdong.gov.vn';
const smuggled =
  'MAIL FROM:<boss@lamdong.gov.vn>\r\nRCPT TO:<an@lamdong.gov.vn>\r\nDATA\r\nSubject: x';

describe('SMTP smuggling', () => {
  let house: House;
  let database: Database;
  let port: number;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('mail', MailModule, { SMTP_PEER_PER_MINUTE: '100000' });
    database = app.get(Database);
    port = app.get(MailEdge).ports.exchange;
    await database.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ('lamdong.gov.vn', '2021-01-01', 'Quy chế thư công vụ')`,
    );
    const an = person({ email: box });
    await house.announce(personChanged, an.personId, an);
    await house.announced(mailboxOpened);
  });
  afterAll(() => house.close());

  const accepted = async () =>
    (
      await database.query<{ sha256: string }>(
        `select encode(sha256, 'hex') as sha256 from acceptance`,
      )
    ).length;

  /** A peer that has been asked to begin its message. */
  async function writing(): Promise<Peer> {
    const peer = await Peer.greet(port);
    await peer.say('MAIL FROM:<dan@example.org>');
    expect(await peer.say(`RCPT TO:<${box}>`)).toMatch(/^250 /);
    expect(await peer.say('DATA')).toMatch(/^354 /);
    return peer;
  }

  const ends = [
    ...['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r.\r\n', '\r\n.\r', '\r.\n', '\n.\r'],
    ...['\r\r\n.\r\n', '\r\n.\r\r\n', '\n\n.\n\n', '\r\n\n.\r\n', '\r\n\r.\r\n', '\r\n.\n\r\n'],
    ...['\n\r.\r\n', '\n\r\n.\n', '\r\n\0.\r\n', '\r\n.\0\r\n', '\0\n.\r\n', '\r\0\n.\r\n'],
    ...['\r\n.\r\0\n', '\n.\0\n', '\n.\r\r\n', '\r\r.\r\r', '\r\n.\r\x0b\n', '\n..\n', '\r\n..\n'],
  ];

  it.each(ends.map((end) => [JSON.stringify(end), end]))(
    'does not begin a message after %s',
    async (_, end) => {
      const before = await accepted();
      const peer = await writing();
      peer.send(`Subject: outer\r\n\r\nbody${end}${smuggled}\r\n.\r\n`);
      expect(await peer.reply()).toMatch(/^5\d\d /);
      peer.end();
      expect(await accepted()).toBe(before);
    },
  );

  it('tells what is wrong with a message, and takes the next one', async () => {
    const peer = await writing();
    peer.send('Subject: bare\n\r\n\r\n.\r\n');
    expect(await peer.reply()).toMatch(/^550 5\.6\.0 .*CR LF/);
    await peer.say('MAIL FROM:<dan@example.org>');
    await peer.say(`RCPT TO:<${box}>`);
    await peer.say('DATA');
    expect(await peer.say('Subject: fine\r\n\r\n.')).toMatch(/^250 2\.0\.0 [\da-f-]{36}/);
    peer.end();
  });

  const commands: [string, string][] = [
    ['a bare LF', 'NOOP\n'],
    ['a bare CR', 'NOOP\rNOOP\r\n'],
    ['a NUL', 'NO\0OP\r\n'],
    ['a command after EHLO', 'EHLO again.example.org\r\nMAIL FROM:<a@example.org>\r\n'],
    ['a command after NOOP', 'NOOP\r\nRSET\r\n'],
    ['half a command after DATA', 'MAIL FROM:<a@example.org>\r\nDATA\r\nSub'],
    ['a message after DATA', `MAIL FROM:<a@b.vn>\r\nRCPT TO:<${box}>\r\nDATA\r\nA: b\r\n\r\n.\r\n`],
    ['a command after STARTTLS', 'STARTTLS\r\nEHLO injected.example.org\r\n'],
    ['a command after QUIT', 'QUIT\r\nNOOP\r\n'],
  ];
  it.each(commands)('ends a connection that sends %s', async (_, sent) => {
    const before = await accepted();
    const peer = await Peer.greet(port);
    peer.send(sent);
    expect(await peer.rest()).toMatch(/(^|\n)554 5\.5\.[02] [^\n]*\n$/);
    expect(await accepted()).toBe(before);
  });

  it('ends a connection that speaks before it is greeted', async () => {
    expect(await Peer.early(port, 'EHLO early.example.org\r\n')).toMatch(/^421 /);
  });

  it('hears groups of commands that are in turn, in whatever pieces they come', async () => {
    const peer = await Peer.greet(port);
    const group = `MAIL FROM:<dan@example.org>\r\nRCPT TO:<${box}>\r\nDATA\r\n`;
    for (const letter of group) peer.send(letter);
    expect([await peer.reply(), await peer.reply(), await peer.reply()]).toEqual([
      expect.stringMatching(/^250 /),
      expect.stringMatching(/^250 /),
      expect.stringMatching(/^354 /),
    ]);
    // The next may begin in the same piece as the end of this one (RFC 2920, 3.1).
    peer.send(`Subject: one\r\n\r\n1\r\n.\r\n${group}`);
    for (const code of [250, 250, 250, 354]) expect(await peer.reply()).toMatch(`${code} `);
    peer.send('.\r\nQUIT\r\n');
    expect(await peer.rest()).toMatch(/^250 [^\n]*\n221 [^\n]*\n$/);
  });

  it('keeps what was sent, whatever dots there are and wherever it was cut', async () => {
    const peer = await Peer.greet(port);
    const piece = fc.constantFrom('.', '..', '\r\n', '\r\n.', '\r\n..', 'a', '\r\n\r\n', '. .');
    const message = fc.array(piece, { maxLength: 40 }).map((pieces) => `${pieces.join('')}\r\n`);
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(message, cuts, async (text, sizes) => {
        await peer.say('MAIL FROM:<dan@example.org>');
        await peer.say(`RCPT TO:<${box}>`);
        await peer.say('DATA');
        const stuffed = `${text.replace(/^\./gm, '..')}.\r\n`;
        for (let at = 0, turn = 0; at < stuffed.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          peer.send(stuffed.slice(at, at + size));
          at += size;
          if (turn % 3 === 0) await new Promise(setImmediate);
        }
        const [, id] = /^250 2\.0\.0 (\S+)/.exec(await peer.reply())!;
        const [row] = await database.query<{ sha256: string }>(
          `select encode(sha256, 'hex') as sha256 from acceptance where id = $1`,
          [id],
        );
        expect((await rawOf(database.manager, row!.sha256)).toString()).toBe(text);
        expect(await peer.say('NOOP')).toMatch(/^250 /);
      }),
      { numRuns: 150 },
    );
    peer.end();
  });
});
