import type { DkimAlgorithm } from './sign.js';

/** Where DNS publishes a key (RFC 6376, 3.6.2.1). */
export const recordName = ({ domain, selector }: { domain: string; selector: string }) =>
  `${selector}._domainkey.${domain}`;

interface Published {
  algorithm: DkimAlgorithm;
  publicKey: string;
}

/** What DNS publishes there (3.6.1). */
export const recordValue = ({ algorithm, publicKey }: Published) =>
  `v=DKIM1; k=${algorithm.split('-')[0]}; p=${publicKey}`;

/** Whether a record is this key's, however it is spaced. */
export function saysKey(text: string, { algorithm, publicKey }: Published): boolean {
  const tags = new Map(
    text.split(';').map((tag) => {
      const equals = tag.indexOf('=');
      return [tag.slice(0, equals).trim(), tag.slice(equals + 1).replace(/\s+/g, '')] as const;
    }),
  );
  const kind = tags.get('k') ?? 'rsa';
  return tags.get('p') === publicKey && kind === algorithm.split('-')[0];
}
