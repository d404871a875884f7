import { escapeAttribute, escapeText } from '../escape.js';

/** Attributes to write; those undefined are left out. */
export type AttributeValues = Record<string, string | undefined>;

/** An element as text. Children are markup already; use `text` for what is not. */
export function markup(
  name: string,
  attributes: AttributeValues = {},
  ...children: (string | undefined)[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeAttribute(value!)}"`)
    .join('');
  return `<${name}${written}>${children.join('')}</${name}>`;
}

export const text = escapeText;

/** Octets as one line of base64. */
export const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64');

/** A moment as xsd:dateTime in UTC, to the second. */
export const dateTime = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
