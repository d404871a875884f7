import { notReached } from '@eoffice/platform/settings';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

// Servers that the environment names are not ours to start, so what is wrong with them is said with
// the name of the variable, before any service waits for them.

const timeout = 5_000;

/** Throws WrongSettings unless a NATS server with JetStream lets us in at `NATS_URL`. */
export async function mustBeNats(url: string) {
  const { host, username, password } = new URL(url);
  const [user, pass] = [username, password].map((each) => decodeURIComponent(each) || undefined);
  try {
    const nats = await connect({ servers: host, user, pass, timeout, reconnect: false });
    await jetstreamManager(nats, { timeout }).finally(() => nats.close());
  } catch (error) {
    throw notReached('natsUrl', url, error);
  }
}

/** Runs the first work on the PostgreSQL at `DATABASE_URL`. Throws WrongSettings when it cannot. */
export async function onGivenPostgres(url: string, work: () => Promise<void>) {
  await work().catch((error: unknown) => {
    throw notReached('databaseUrl', url, error);
  });
}
