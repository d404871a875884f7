import { XmlError } from './xml-error.js';

// Attribute declarations of an internal subset (XML 1.0 section 3.3), read only when a caller
// asks for it: test vectors of the recommendations lean on defaults and types. Declared entities
// are skipped, so that a reference to one stays an error; parameter entities are refused.

export interface AttributeDeclaration {
  /** CDATA, ID, or any other type: all others are tokens. */
  type: string;
  default?: string;
}

/** Element name → attribute name → declaration. */
export type AttributeDeclarations = Map<string, Map<string, AttributeDeclaration>>;

const literal = /"[^"]*"|'[^']*'/y;
const piece = {
  space: /[ \t\r\n]+/y,
  comment: /<!--(?:[^-]|-[^-])*-->/y,
  instruction: /<\?[^?]*(?:\?(?!>)[^?]*)*\?>/y,
  attlist: /<!ATTLIST[ \t\r\n]+([^ \t\r\n>]+)/y,
  other: /<!(?:ELEMENT|ENTITY|NOTATION)(?:[^>"']|"[^"]*"|'[^']*')*>/y,
};
const attribute =
  /[ \t\r\n]+([^ \t\r\n>]+)[ \t\r\n]+(CDATA|ID|IDREFS?|ENTITY|ENTITIES|NMTOKENS?|(?:NOTATION[ \t\r\n]*)?\([^)]*\))[ \t\r\n]+(#REQUIRED|#IMPLIED|(?:#FIXED[ \t\r\n]+)?("[^"]*"|'[^']*'))/y;

/** Reads what stands between `<!DOCTYPE` and its `>`. */
export function readInternalSubset(doctype: string, limit: number): AttributeDeclarations {
  const declarations: AttributeDeclarations = new Map();
  const start = openingBracket(doctype);
  if (start < 0) return declarations;
  let at = start + 1;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(doctype);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (doctype[at] !== ']') {
    if (take(piece.space) || take(piece.comment) || take(piece.instruction)) continue;
    const list = take(piece.attlist);
    if (list) {
      for (let one = take(attribute); one; one = take(attribute)) {
        declare(declarations, list[1]!, one, limit);
      }
      take(piece.space);
      if (doctype[at++] !== '>') throw unreadable();
    } else if (!take(piece.other)) {
      throw unreadable();
    }
  }
  return declarations;
}

/** The bracket that opens the subset, behind the name and the external identifier. */
function openingBracket(doctype: string): number {
  for (let at = 0; at < doctype.length; at++) {
    literal.lastIndex = at;
    if (literal.exec(doctype)) at = literal.lastIndex - 1;
    else if (doctype[at] === '[') return at;
  }
  return -1;
}

function declare(
  declarations: AttributeDeclarations,
  element: string,
  [, name, type, , written]: RegExpExecArray,
  limit: number,
): void {
  const ofElement = declarations.get(element) ?? new Map<string, AttributeDeclaration>();
  declarations.set(element, ofElement);
  // The first declaration of an attribute is binding.
  if (ofElement.has(name!)) return;
  if (ofElement.size >= limit) throw new XmlError('limit', `More than ${limit} declarations`);
  const value = written === undefined ? undefined : defaultValue(written.slice(1, -1), type!);
  ofElement.set(name!, { type: type!, default: value });
}

const predefined: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function defaultValue(written: string, type: string): string {
  if (written.includes('<')) throw unreadable();
  const value = written
    .replace(/\r\n|[\t\r\n]/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|([^;]*));?/g, (_, decimal, hex, name) => {
      if (name !== undefined) {
        const known = predefined[name as string];
        if (known === undefined) throw new XmlError('doctype', 'Entities are not accepted');
        return known;
      }
      const code = hex ? parseInt(hex, 16) : Number(decimal);
      if (code < 0x20 ? ![9, 10, 13].includes(code) : code > 0x10ffff) throw unreadable();
      return String.fromCodePoint(code);
    });
  return type === 'CDATA' ? value : value.replace(/ +/g, ' ').replace(/^ | $/g, '');
}

function unreadable(): XmlError {
  return new XmlError('doctype', 'The internal subset holds what is not accepted');
}
