import { domainToUnicode } from 'node:url';
import { fold } from '@eoffice/platform/text';

/** Letters of other scripts, and digits, that are drawn like Latin letters (Unicode TR 39, the common ones). */
const drawnAlike = new Map(
  Object.entries({
    а: 'a',
    ɑ: 'a',
    α: 'a',
    е: 'e',
    о: 'o',
    ο: 'o',
    р: 'p',
    с: 'c',
    ϲ: 'c',
    у: 'y',
    х: 'x',
    і: 'i',
    ι: 'i',
    ı: 'i',
    ј: 'j',
    ѕ: 's',
    ԁ: 'd',
    ɡ: 'g',
    ո: 'n',
    ν: 'v',
    ѵ: 'v',
    к: 'k',
    κ: 'k',
    т: 't',
    τ: 't',
    м: 'm',
    н: 'h',
    в: 'b',
    '0': 'o',
    '1': 'l',
    '3': 'e',
    '5': 's',
  }),
);

const mostKept = 10_000;
const kept = new Map<string, string>();

/** The same of names that are asked about again and again. */
function skeletonOf(known: string): string {
  let drawn = kept.get(known);
  if (drawn === undefined) {
    if (kept.size >= mostKept) kept.clear();
    kept.set(known, (drawn = skeleton(known)));
  }
  return drawn;
}

/** What a reader takes a domain for: one spelling for all that are drawn alike. */
function skeleton(domain: string): string {
  const letters = [...fold(domainToUnicode(domain) || domain)];
  return letters
    .map((letter) => drawnAlike.get(letter) ?? letter)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('i', 'l');
}

/**
 * The known domain that this one is made to be taken for, if any: drawn like it (`grnail.com`), written
 * with a hyphen for its dot (`lamdong-gov.vn`), or standing before another (`gmail.com.example.org`).
 * Domains that end in a known one are that one's own and no look-alike.
 */
export function lookAlikeOf(domain: string, known: Iterable<string>): string | undefined {
  const labels = domain.toLowerCase().replace(/\.$/, '');
  const drawn = `.${skeleton(labels)}.`;
  const split = drawn.replaceAll('-', '.');
  const names = [...known].filter((name) => !name.endsWith('.*'));
  if (names.some((name) => `.${labels}`.endsWith(`.${name}`))) return undefined;
  return names.find((name) => {
    const like = `.${skeletonOf(name)}.`;
    return drawn.includes(like) || split.includes(like);
  });
}
