import { localYear } from '@eoffice/platform/local-time';
import type { Person, Stack } from './stack.js';

/** A clerk and the book in which they register. */
export interface Clerk extends Person {
  bookId: string;
}

/** One clerk of every agency that has one, signed in. */
export async function clerksOf(stack: Stack): Promise<Clerk[]> {
  const agencies = new Set<string>();
  const clerks: Clerk[] = [];
  for (const account of stack.accounts) {
    if (!account.title.startsWith('Văn thư') || agencies.has(account.agencyId)) continue;
    agencies.add(account.agencyId);
    const clerk = await stack.signIn(account);
    const { items } = await clerk.client.get<{ items: { id: string }[] }>(
      `/v1/books?organisationId=${clerk.agencyId}&direction=incoming&year=${localYear()}`,
    );
    clerks.push({ ...clerk, bookId: items[0]!.id });
  }
  return clerks;
}

let made = 0;

/** A document as a clerk would register it; no two are alike. */
export function letter(bookId: string, abstract?: string) {
  const number = ++made;
  return {
    bookId,
    author: 'Sở Nội vụ tỉnh Lâm Đồng',
    reference: `${number}/${process.pid}-SNV`,
    documentDate: '2026-09-01',
    type: 'CV',
    abstract: abstract ?? `Về việc rà soát kế hoạch công tác văn thư, lưu trữ, đợt ${number}`,
  };
}
