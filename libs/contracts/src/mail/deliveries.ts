import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Id, List, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Conflict, NotFound, problem } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

export class NotWaiting extends problem(409, 'mail/not-waiting', {
  vi: 'Thư này không còn chờ gửi',
  en: 'This mail waits no longer',
}) {}

export const outboundStates = ['waiting', 'sending', 'sent', 'failed', 'cancelled'] as const;
export const reportedActions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

/** What became of a sent mail for one recipient at another server. */
export class Delivery {
  @Id() id: string;
  @Id({ description: 'The acceptance of the mail' }) acceptanceId: string;
  @Text({ max: 320 }) recipient: string;
  @Text({ max: 253, min: 0 }) domain: string;
  @Choice(outboundStates, {
    description: 'sent: the other server has taken it over; whether it arrived, see reported',
  })
  state: (typeof outboundStates)[number];
  @Moment({ description: 'Since when it is to go out' }) dueAt: string;
  @Count({ max: 10_000 }) attempts: number;
  @Moment({ optional: true }) triedAt?: string;
  @Moment({ optional: true, description: 'When it is tried next, while it waits' })
  nextAttemptAt?: string;
  @Moment({ optional: true, description: 'When it was sent, given up or called back' })
  endedAt?: string;
  @Text({ max: 300, optional: true, description: 'The server that answered last' }) host?: string;
  @Text({ max: 1_100, optional: true, description: 'What it said, or why none was reached' })
  reply?: string;
  @Text({ max: 20, optional: true, description: 'Status code of RFC 3463' }) status?: string;
  @Text({ max: 200, optional: true, description: 'How the line was encrypted; absent: it was not' })
  tls?: string;
  @Choice(reportedActions, {
    optional: true,
    description: 'What the other server reported afterwards (RFC 3464)',
  })
  reported?: (typeof reportedActions)[number];
  @Moment({ optional: true }) reportedAt?: string;
  @Text({ max: 1_100, optional: true, min: 0 }) reportedReply?: string;
}

export class Deliveries {
  @List(() => Delivery, { max: 10_000 }) items: Delivery[];
}

export class DeliveriesOf {
  @Id({ description: 'The acceptance of the mail' }) acceptanceId: string;
}

export class DeliveryOf {
  @Id() id: string;
}

export class ListOutbound extends PageInput {
  @Choice(outboundStates, { optional: true, description: 'waiting if not said' })
  state?: (typeof outboundStates)[number];
  @Text({ max: 253, optional: true }) domain?: string;
}

export class OutboundPage extends pageOf(Delivery) {}

/** Mail that waits for one domain. */
export class OutboundDomain {
  @Text({ max: 253, min: 0 }) domain: string;
  @Count({ max: 1_000_000_000 }) waiting: number;
  @Moment({ description: 'Since when the oldest waits' }) oldest: string;
  @Count({ max: 1_000_000, description: 'Times in a row that no server of it was reached' })
  failures: number;
  @Moment({ optional: true, description: 'Not tried before then' }) restsUntil?: string;
  @Text({ max: 1_100, optional: true, description: 'What was last said' }) reply?: string;
}

export class OutboundDomains {
  @List(() => OutboundDomain, { max: 500 }) items: OutboundDomain[];
}

export class EnactOutboundPolicy {
  @Text({
    max: 253,
    pattern: /^(\*|[a-z0-9-]+(\.[a-z0-9-]+)*)$/,
    description: 'A domain and all below it; * for all others',
  })
  domain: string;
  @Count({ min: 1, max: 100, description: 'Connections at once' }) connections: number;
  @Count({ min: 1, max: 10_000, description: 'Messages begun in a minute' }) perMinute: number;
  @Choice(['opportunistic', 'encrypted', 'verified'], {
    description: 'verified: never without encryption and a certificate that names the server',
  })
  tls: 'opportunistic' | 'encrypted' | 'verified';
  @Count({ min: 1, max: 240, description: 'The sender is told that mail still waits' })
  warnAfterHours: number;
  @Count({ min: 1, max: 240, description: 'The mail is given up' }) giveUpAfterHours: number;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** How mail goes to a domain. */
export class OutboundPolicy extends EnactOutboundPolicy {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class OutboundPolicyList {
  @List(() => OutboundPolicy, { max: 1_000 }) items: OutboundPolicy[];
}

export class EndOutboundPolicy {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export const deliveries = contract('mail.deliveries', {
  of: {
    summary: 'Show what became of a mail at other servers, recipient by recipient',
    route: 'GET /mail/acceptances/:acceptanceId/deliveries',
    permission: 'signed-in',
    input: DeliveriesOf,
    output: Deliveries,
    errors: [NotFound],
  },
  retry: {
    summary: 'Try again now what waits for a recipient',
    route: 'POST /mail/deliveries/:id/retry',
    permission: 'signed-in',
    input: DeliveryOf,
    output: Delivery,
    errors: [NotFound, NotWaiting],
  },
  cancel: {
    summary: 'Call back what waits for a recipient; it is not sent',
    route: 'POST /mail/deliveries/:id/cancel',
    permission: 'signed-in',
    input: DeliveryOf,
    output: Delivery,
    errors: [NotFound, NotWaiting],
  },
  queue: {
    summary: 'List mail for other servers, the oldest first',
    route: 'GET /mail/outbound',
    permission: 'mail.manage',
    input: ListOutbound,
    output: OutboundPage,
  },
  domains: {
    summary: 'List the domains that mail waits for, the longest waiting first',
    route: 'GET /mail/outbound/domains',
    permission: 'mail.manage',
    input: Nothing,
    output: OutboundDomains,
  },
  policies: {
    summary: 'List how mail goes to which domains: limits, encryption, patience',
    route: 'GET /mail/outbound/policies',
    permission: 'mail.manage',
    input: Nothing,
    output: OutboundPolicyList,
  },
  enactPolicy: {
    summary: 'Enter how mail goes to a domain from a day on',
    route: 'POST /mail/outbound/policies',
    permission: 'mail.manage',
    input: EnactOutboundPolicy,
    output: OutboundPolicy,
    errors: [Conflict],
    status: 201,
  },
  endPolicy: {
    summary: 'End a policy of outgoing mail on a day',
    route: 'POST /mail/outbound/policies/:id/end',
    permission: 'mail.manage',
    input: EndOutboundPolicy,
    output: OutboundPolicy,
    errors: [NotFound],
  },
});

export class OutboundFailed {
  @Id() deliveryId: string;
  @Id() acceptanceId: string;
  @Id({ optional: true, description: 'The mailbox that sent it' }) mailboxId?: string;
  @Text({ max: 320 }) recipient: string;
  @Text({ max: 20 }) status: string;
  @Text({ max: 1_100 }) reply: string;
}

export const outboundFailed = event(
  'mail.outbound.failed.v1',
  'A mail could not be delivered to a recipient at another server',
  OutboundFailed,
);
