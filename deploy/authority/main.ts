import { startAuthority } from './authority.js';

const authority = await startAuthority(process.env);
const end = () => void authority.stop().then(() => process.exit());
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
// A supervisor that was killed can no longer end us: its channel closes instead.
process.once('disconnect', end);
process.channel?.unref();
