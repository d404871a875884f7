import type { Place } from '@eoffice/contracts';

/** Where a rule for everybody applies: changing one needs a post that reaches everything. */
export const everywhere: Place = { id: '', bloc: 'everywhere' as 'government', reach: 'all' };
