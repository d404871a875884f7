/**
 * Whether the authority for development and tests is started. `SIGNING_AUTHORITY=external` says that
 * real ones are entered as rows, and then nothing of ours stands beside them.
 */
export const startsAuthority = (): boolean => process.env.SIGNING_AUTHORITY !== 'external';
