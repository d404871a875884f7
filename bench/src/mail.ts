import { fold } from '@eoffice/platform/text';
import { median, quantile } from './figures.js';
import type { Scale } from './groups.js';
import { fillMailbox, type Filled, type Letter } from './mail-data.js';
import type { Row } from './rows.js';
import type { Stack } from './stack.js';

/** Reading and searching in a mailbox of many years, one request at a time through the whole chain. */
export async function mail(stack: Stack, scale: Scale): Promise<Row[]> {
  const filled = await fillMailbox(stack, scale);
  const { deliveredPerS } = filled;
  const searches = await timesOf(filled, questionsFrom(filled.letters, 2 * scale.questions));
  const marked = await timesOf(filled, fewWords(scale.questions / 2));
  const lists = await timesOf(
    filled,
    Array.from({ length: scale.questions }, () => ''),
  );
  return [
    {
      ...{ claim: 'letters read, indexed and put into mailboxes', measured: deliveredPerS },
      ...{ unit: '/s', limit: { atLeast: 300 } },
    },
    within(`searches in a mailbox of ${scale.emails}`, searches, 20),
    within('searches for words that every letter has, or none', marked, 20),
    within('the newest 50 of the inbox', lists, 20),
  ];
}

const within = (claim: string, times: number[], atMost: number): Row => ({
  ...{ claim: `p95 of ${times.length} ${claim}`, measured: quantile(times, 0.95), unit: 'ms' },
  limit: { atMost },
  note: `median ${median(times).toFixed(1)} ms, slowest ${Math.max(...times).toFixed(1)} ms`,
});

/** As people ask: two to four words of a letter, half without marks, a third as a phrase, some unfinished. */
function questionsFrom(letters: Letter[], count: number): string[] {
  return Array.from({ length: count }, (_, number) => {
    const { subject, body } = letters[(number * 613) % letters.length]!;
    const words = (number % 3 ? body : subject).split(/[\s,.;]+/).filter(Boolean);
    const length = 2 + (number % 3);
    const start = (number * 31) % Math.max(1, words.length - length);
    let q = words.slice(start, start + length).join(' ');
    if (number % 2) q = fold(q);
    if (number % 3 === 1) q = `"${q}"`;
    else if (number % 5 === 0) q = q.slice(0, -1);
    return q;
  });
}

/** What makes an index of words work most. */
function fewWords(count: number): string[] {
  const asked = [
    ...['kính gửi', 'th', 'ông trân trọng', 'không có từ này', '"gửi kính"', 'báo cáo bảo lộc'],
    ...['"họp giải ngân"', 'hs1', 'đạ tẻh k’brêm', 'nguyen van khong ai'],
  ];
  return Array.from({ length: count }, (_, number) => asked[number % asked.length]!);
}

/** The time of each request; the first few are not counted. */
async function timesOf({ owner, mailboxId }: Filled, questions: string[]): Promise<number[]> {
  const times: number[] = [];
  const list = `/v1/mailboxes/${mailboxId}/messages`;
  const first = questions.slice(0, 5);
  for (const [turn, q] of [...first, ...questions].entries()) {
    const begun = performance.now();
    await owner.client.get(q ? `${list}/search?q=${encodeURIComponent(q)}` : list);
    if (turn >= first.length) times.push(performance.now() - begun);
  }
  return times;
}
