// What two servers must agree on, or one of them can be made to take the text of a message for
// commands (SMTP smuggling): a line ends with CR LF and nothing else, a message ends with
// CR LF . CR LF and nothing else, and after a command whose reply decides what comes next
// (RFC 2920, 3.1) nothing is sent before that reply. This looks at octets before anything acts on them.

export type Fault = 'bare-line-end' | 'nul' | 'out-of-turn';

/** Commands that may be followed by others before their reply. */
const grouped = new Set(['MAIL', 'RCPT', 'RSET']);
const endOfData = Buffer.from('\r\n.\r\n');
const maxLine = 16_384;

/** Follows one connection: what the peer sends, and what it is answered. */
export class TurnGuard {
  private inMessage = false;
  /** The last octets of a message so far, or the beginning of a command line. */
  private rest = Buffer.alloc(0);
  /** Lines and messages that have no reply yet, and whether the last must get it first. */
  private unanswered = 0;
  private mustWait = false;
  private inDialogue = false;

  /** Octets have come; answers what is wrong with them. */
  see(octets: Buffer): Fault | undefined {
    if (!this.inMessage) return this.seeCommands(octets);
    const seen = Buffer.concat([this.rest, octets]);
    const end = seen.indexOf(endOfData);
    if (end < 0) {
      this.rest = Buffer.from(seen.subarray(-4));
      return undefined;
    }
    this.inMessage = false;
    this.rest = Buffer.alloc(0);
    this.unanswered++;
    return this.seeCommands(seen.subarray(end + endOfData.length));
  }

  /** A reply is about to be sent. */
  replied(code: number) {
    this.unanswered = Math.max(0, this.unanswered - 1);
    if (this.unanswered === 0) this.mustWait = false;
    this.inDialogue = code === 334;
    if (code !== 354) return;
    this.inMessage = true;
    // A message may be empty: its end then follows the line of DATA.
    this.rest = Buffer.from('\r\n');
  }

  private seeCommands(octets: Buffer): Fault | undefined {
    if (octets.length === 0) return undefined;
    if (this.mustWait) return 'out-of-turn';
    let text = this.rest.toString('latin1') + octets.toString('latin1');
    if (text.includes('\0')) return 'nul';
    if (/(?<!\r)\n|\r(?!\n|$)/.test(text)) return 'bare-line-end';
    for (let end; (end = text.indexOf('\r\n')) >= 0;) {
      if (this.mustWait) return 'out-of-turn';
      const [verb = ''] = text.slice(0, end).split(' ', 1);
      this.mustWait = this.inDialogue || !grouped.has(verb.toUpperCase());
      this.unanswered++;
      text = text.slice(end + 2);
    }
    if (this.mustWait && text) return 'out-of-turn';
    // What is longer than any command is refused by whoever reads commands.
    this.rest = Buffer.from(text.slice(-maxLine), 'latin1');
    return undefined;
  }
}

/** Looks through a message in pieces for what would end a line at one server and not at another. */
export class LineCheck {
  private last = 0;
  fault?: Fault;

  see(octets: Buffer) {
    if (this.fault || octets.length === 0) return;
    if (octets.includes(0)) this.fault = 'nul';
    else if (this.last === cr && octets[0] !== lf) this.fault = 'bare-line-end';
    else if (hasBareLineEnd(octets, this.last)) this.fault = 'bare-line-end';
    this.last = octets.at(-1)!;
  }
}

const cr = 13;
const lf = 10;

function hasBareLineEnd(octets: Buffer, before: number): boolean {
  for (let at = octets.indexOf(lf); at >= 0; at = octets.indexOf(lf, at + 1)) {
    if ((at === 0 ? before : octets[at - 1]) !== cr) return true;
  }
  for (let at = octets.indexOf(cr); at >= 0; at = octets.indexOf(cr, at + 1)) {
    if (at + 1 < octets.length && octets[at + 1] !== lf) return true;
  }
  return false;
}
