/** Ids are those of rows; what has another form is the id of nothing. */
export const isUuid = (id: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);

/** The ids among some that can be those of rows; null, for all, stays null. */
export const uuidsOf = (ids: string[] | null): string[] | null => ids && ids.filter(isUuid);

/** A moment as UTCDate (RFC 8620, 1.4): without a fraction that says nothing. */
export const utcDateOf = (moment: Date): string => moment.toISOString().replace('.000Z', 'Z');
