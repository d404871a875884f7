import { decodeEncodedWords, isEncodedWord } from './encoded-words.js';
import { type Token, tokensOf } from './lexer.js';
import { unfold } from './unfold.js';

/** A mailbox as JMAP has it (RFC 8621, 4.1.2.3). */
export interface EmailAddress {
  name: string | null;
  /** The addr-spec without comments and white space; what cannot be one is given as it is written. */
  email: string;
}

/** Mailboxes under the name of a group, or under null those that stand in none (4.1.2.4). */
export interface EmailAddressGroup {
  name: string | null;
  addresses: EmailAddress[];
}

/** What an address list says, and whether all of it could be read. */
export interface AddressList {
  groups: EmailAddressGroup[];
  /** False where something was left over, had no "@", or came after the last address that counts. */
  complete: boolean;
}

/** Addresses of one field that are read; the rest is left out. */
export const mostAddresses = 10_000;
const mostCharacters = 512 << 10;

/**
 * Reads an address list (RFC 5322, 3.4 and 4.4, with the letters of RFC 6532). Whatever is written
 * gives the best list it can: names without quotes, addresses without angle brackets or commas,
 * brackets that never close.
 */
export function readAddressList(value: string): AddressList {
  const text = unfold(value);
  const { groups, complete } = new Reader(tokensOf(text.slice(0, mostCharacters))).read();
  return { groups, complete: complete && text.length <= mostCharacters };
}

const isSpecial = (token: Token | undefined, text: string) =>
  token?.kind === 'special' && token.text === text;

class Reader {
  private readonly groups: EmailAddressGroup[] = [];
  private open: EmailAddressGroup | undefined;
  private inGroup = false;
  private words: Token[] = [];
  /** Among the words is an "@". */
  private hasAt = false;
  /** The words follow an address in angle brackets that no comma has ended. */
  private afterAngle = false;
  private count = 0;
  private complete = true;

  constructor(private readonly tokens: Token[]) {}

  read(): AddressList {
    const { tokens } = this;
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at]!;
      if (token.torn) this.complete = false;
      if (this.count >= mostAddresses) {
        this.complete = false;
        break;
      }
      if (isSpecial(token, ',')) this.flush();
      else if (isSpecial(token, ';')) this.endGroup();
      else if (isSpecial(token, ':') && !this.inGroup && !this.hasAt) this.beginGroup();
      else if (isSpecial(token, '<')) at = this.readAngle(at + 1);
      else {
        this.words.push(token);
        this.hasAt ||= isSpecial(token, '@');
      }
    }
    this.flush();
    return { groups: this.groups, complete: this.complete };
  }

  private beginGroup(): void {
    this.open = { name: phraseOf(this.take()) ?? '', addresses: [] };
    this.groups.push(this.open);
    this.count++;
    this.inGroup = true;
  }

  private endGroup(): void {
    this.flush();
    this.open = undefined;
    this.inGroup = false;
  }

  private add(name: string | null, email: string): void {
    if (!email.includes('@')) this.complete = false;
    if (!this.open) {
      this.open = { name: null, addresses: [] };
      this.groups.push(this.open);
    }
    this.open.addresses.push({ name, email });
    this.count++;
  }

  /** An address in angle brackets, with the name before it; gives where it ends. */
  private readAngle(start: number): number {
    const { tokens } = this;
    let at = start;
    const inner: Token[] = [];
    const isRoute = isSpecial(tokens[start], '@');
    for (; at < tokens.length && !isSpecial(tokens[at], '>'); at++) {
      const token = tokens[at]!;
      const ends = isSpecial(token, '<') || (isSpecial(token, ',') && !isRoute);
      if (ends) break;
      inner.push(token);
    }
    const closed = isSpecial(tokens[at], '>');
    if (!closed) this.complete = false;
    // A bracket that nothing follows says nothing; what stands before it is for the next.
    if (!closed && inner.length === 0) return at - 1;
    const comment = closed ? this.commentAfter(at + 1) : undefined;
    const email = specOf(withoutPrefix(inner));
    const name = phraseOf(this.take()) ?? comment ?? null;
    if (email !== '' || name !== null) this.add(name, email);
    this.afterAngle = true;
    return closed ? at : at - 1;
  }

  private take(): Token[] {
    const { words } = this;
    this.words = [];
    this.hasAt = false;
    this.afterAngle = false;
    return words;
  }

  private commentAfter(at: number): string | undefined {
    const token = this.tokens[at];
    return token?.kind === 'comment' ? decodedComment(token) : undefined;
  }

  /** Ends an address that has no angle brackets. */
  private flush(): void {
    const { afterAngle } = this;
    const words = this.take();
    const bare = words.filter(({ kind }) => kind !== 'comment');
    if (bare.length === 0) return;
    const comment = words.find(({ kind }) => kind === 'comment');
    const at = bare.findIndex((word) => isSpecial(word, '@'));
    const name = comment ? decodedComment(comment) : null;
    if (at < 0 && afterAngle) {
      this.complete = false;
      return;
    }
    if (at < 0) {
      // A group's own list may end in the words of a draft: they are kept as they are.
      this.add(name, phraseOf(bare) ?? specOf(bare));
      return;
    }
    const from = beginningOfLocalPart(bare, at);
    const end = endOfDomain(bare, at + 1);
    if (end < bare.length) this.complete = false;
    this.add(phraseOf(bare.slice(0, from)) ?? name, specOf(bare.slice(from, end)));
  }
}

/** Index of the first word of the local part that ends before the "@" at `at`. */
function beginningOfLocalPart(words: Token[], at: number): number {
  let from = Math.max(0, at - 1);
  while (from > 0 && (isSpecial(words[from], '.') || isSpecial(words[from - 1], '.'))) from--;
  return from;
}

/** Index after the last word of the domain that begins at `from`. */
function endOfDomain(words: Token[], from: number): number {
  let end = Math.min(from + 1, words.length);
  while (end < words.length && (isSpecial(words[end], '.') || isSpecial(words[end - 1], '.')))
    end++;
  return end;
}

/** Leaves out an obsolete route, `@one,@two:`, and the `mailto:` that some writers put in. */
function withoutPrefix(tokens: Token[]): Token[] {
  const colon = tokens.findIndex((token) => isSpecial(token, ':'));
  const isPrefix = isSpecial(tokens[0], '@') || (colon === 1 && /^mailto$/i.test(tokens[0]!.text));
  return colon < 0 || !isPrefix ? tokens : tokens.slice(colon + 1);
}

const dotAtom = /^[^\s"(),:;<>@[\\\]]+$/;

/** The text of an addr-spec without comments and white space; quotes stay where they are needed. */
function specOf(tokens: Token[]): string {
  return tokens
    .filter(({ kind }) => kind !== 'comment')
    .map(({ kind, text }) =>
      kind === 'quoted' && !dotAtom.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text,
    )
    .join('')
    .normalize('NFC');
}

function decodedComment({ text }: Token): string {
  return decodeEncodedWords(text).normalize('NFC').trim();
}

/**
 * A display name; null where there is none. Encoded words are decoded in quotes too, where RFC 2047
 * forbids them and many writers put them.
 */
function phraseOf(tokens: Token[]): string | null {
  let written = '';
  for (const token of tokens) {
    if (token.kind === 'comment') continue;
    const glued = !token.spaced && !(token.kind === 'atom' && isEncodedWord(token.text));
    written += written === '' || glued ? token.text : ` ${token.text}`;
  }
  const name = decodeEncodedWords(written).normalize('NFC').trim();
  return name === '' ? null : name;
}
