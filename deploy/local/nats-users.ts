import { contracts, events, serviceNames } from '@eoffice/contracts';

// What each service may say and hear on NATS. A service answers only for itself and announces only
// its own facts; consumers of JetStream cannot be told apart by subject, so they are not.

/** The subjects that belong to a service: its contracts' names begin with these words. */
export function wordsOf(service: string): string[] {
  if (service !== 'gateway') return [service];
  const names = [...contracts.map(({ name }) => name), ...events.map(({ type }) => type)];
  const first = new Set(names.map((name) => name.split('.')[0]!));
  const others = serviceNames.filter((name) => name !== 'gateway');
  return [...first].filter((word) => !others.includes(word as (typeof others)[number]));
}

const jetStreamApi = [
  '$JS.API.INFO',
  '$JS.API.STREAM.CREATE.events',
  '$JS.API.STREAM.INFO.events',
  '$JS.API.CONSUMER.>',
  '$JS.ACK.events.>',
];

/** The `authorization` part of the server's configuration: one user a service. */
export function usersConfig(passwordOf: (service: string) => string): string {
  const list = (subjects: string[]) => subjects.map((each) => JSON.stringify(each)).join(', ');
  const words = serviceNames.flatMap(wordsOf);
  const users = serviceNames.map((service) => {
    const own = wordsOf(service);
    const publish = [
      ...words.map((word) => `${word}.>`),
      ...own.map((word) => `events.${word}.>`),
      ...jetStreamApi,
    ];
    const subscribe = [...own.map((word) => `${word}.>`), `_INBOX.${service}.>`];
    return `    { user: ${service}, password: ${JSON.stringify(passwordOf(service))}, permissions: {
      publish: { allow: [${list(publish)}] }
      subscribe: { allow: [${list(subscribe)}] }
      allow_responses: true
    } }`;
  });
  return `authorization {\n  users: [\n${users.join('\n')}\n  ]\n}`;
}
