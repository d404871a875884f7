import type { HeaderField } from '../message.js';
import { type EmailAddress, type EmailAddressGroup, readAddressList } from './addresses.js';
import { readDate } from './date.js';
import { decodeEncodedWords } from './encoded-words.js';
import { tokensOf } from './lexer.js';
import { unfold } from './unfold.js';

/** What each form of a header field gives (RFC 8621, 4.1.2). */
export interface Forms {
  Raw: string;
  Text: string;
  Addresses: EmailAddress[];
  GroupedAddresses: EmailAddressGroup[];
  /** Without angle brackets; null where the value is no list of them. */
  MessageIds: string[] | null;
  /** RFC 3339, in the zone it was written in; null where it is none. */
  Date: string | null;
  /** Without angle brackets; null where the value is no list of them. */
  URLs: string[] | null;
}

export type HeaderForm = keyof Forms;

/** The value of a field in a form. Any field can be asked for in any: `allowsForm` says what JMAP allows. */
export function headerAs<F extends HeaderForm>(field: HeaderField, form: F): Forms[F] {
  return readers[form](field) as Forms[F];
}

const valueOf = ({ raw, legacy }: HeaderField) => legacy ?? raw;

/** Of a structured value: more than any of them ever has. */
const mostCharacters = 512 << 10;

const readers: { [F in HeaderForm]: (field: HeaderField) => Forms[F] } = {
  Raw: ({ raw }) => raw,
  Text: (field) => readText(valueOf(field)),
  Addresses: (field) => readAddressList(valueOf(field)).groups.flatMap((group) => group.addresses),
  GroupedAddresses: (field) => readAddressList(valueOf(field)).groups,
  MessageIds: (field) => readMessageIds(valueOf(field)),
  Date: (field) => readDate(valueOf(field)),
  URLs: (field) => readUrls(valueOf(field)),
};

function readText(value: string): string {
  return decodeEncodedWords(unfold(value).replace(/^ +/, '')).normalize('NFC');
}

/** RFC 5322, 3.6.4: ids in angle brackets, with comments and white space between them. */
function readMessageIds(value: string): string[] | null {
  const ids: string[] = [];
  let open: string | undefined;
  for (const { kind, text } of tokensOf(unfold(value).slice(0, mostCharacters))) {
    if (kind === 'comment') continue;
    if (kind === 'special' && text === '<' && open === undefined) open = '';
    else if (kind === 'special' && text === '>' && open) {
      ids.push(open);
      open = undefined;
    } else if (open === undefined) {
      return null;
    } else {
      open += kind === 'quoted' ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
    }
  }
  return open === undefined && ids.length > 0 ? ids : null;
}

/** RFC 2369, 2: URLs in angle brackets, separated by commas; comments are left out. */
function readUrls(value: string): string[] | null {
  const urls: string[] = [];
  const text = unfold(value).slice(0, mostCharacters);
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    if (char === '<') {
      const end = text.indexOf('>', at);
      if (end < 0) return null;
      urls.push(text.slice(at + 1, end).replace(/\s+/g, ''));
      at = end + 1;
    } else if (char === '(') {
      const comment = tokensOf(text.slice(at, at + 2_000))[0]!;
      at += comment.end;
    } else if (/[\s,]/.test(char)) {
      at++;
    } else {
      return null;
    }
  }
  return urls.length > 0 ? urls : null;
}
