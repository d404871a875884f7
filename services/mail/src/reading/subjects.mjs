import { createHash } from 'node:crypto';
import { fold } from '@eoffice/platform/text';

/** What programs put before the subject of an answer or of what they pass on, folded. */
const answering =
  /^(?:re|fwd?|aw|antw|wg|sv|vs|tr|rv|tl|tra loi|chuyen tiep) ?(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})? ?: ?/;
const label = /^\[[^[\]]{0,100}\] ?/;
const trailing = / ?\(fwd\)$/;

/**
 * The subject without what answering and passing on added, folded: what RFC 5256, 2.1, calls the base
 * subject. A label in brackets goes too, unless nothing else is left.
 */
export function baseSubject(subject) {
  let base = fold(subject);
  for (;;) {
    let shorter = base.replace(trailing, '').replace(answering, '');
    const unlabelled = shorter.replace(label, '');
    if (unlabelled) shorter = unlabelled;
    if (shorter === base) return base;
    base = shorter;
  }
}

/**
 * By what an email finds its thread: each message id it has or refers to, together with its base
 * subject (RFC 8621, 3). An email without ids is a thread of its own.
 */
export function threadKeys(ids, base) {
  const digests = ids.map((id) =>
    createHash('sha256').update(`${id}\0${base}`).digest('hex').slice(0, 32),
  );
  return [...new Set(digests)];
}
