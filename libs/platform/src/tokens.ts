/** The connection to NATS, for constructors: `@Inject(NatsClient) nats: NatsConnection`. */
export const NatsClient = Symbol('NatsClient');

/** The log of the service, for constructors: `@Inject(ServiceLog) log: Log`. */
export const ServiceLog = Symbol('ServiceLog');
