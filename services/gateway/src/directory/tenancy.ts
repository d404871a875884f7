import { blocs, type Caller } from '@eoffice/contracts';

/** The blocs a caller sees: their own, unless a post reaches everything. The other is not there. */
export function blocsSeenBy({ positions }: Caller): string[] {
  if (positions.some(({ reach }) => reach === 'all')) return [...blocs];
  return [...new Set(positions.map(({ bloc }) => bloc))];
}
