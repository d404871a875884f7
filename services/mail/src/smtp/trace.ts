import type { SMTPServerSession } from 'smtp-server';

/** What is kept of a peer beside the message: where it came from, and how safely. */
export function peerFacts(session: SMTPServerSession) {
  const { remoteAddress, hostNameAppearsAs, transmissionType, tlsOptions } = session;
  return {
    address: remoteAddress,
    hello: hostNameAppearsAs,
    protocol: transmissionType,
    ...(tlsOptions ? { tls: `${tlsOptions.version} ${tlsOptions.name}` } : {}),
  };
}

/**
 * The trace field that this server puts before a message (RFC 5321, 4.4; RFC 8314, 4.3), folded,
 * without a line end. Whom it is for is named only when there is nobody else to be kept secret.
 */
export function receivedField(
  session: SMTPServerSession,
  by: string,
  recipients: string[],
  at = new Date(),
): string {
  const { remoteAddress, hostNameAppearsAs, transmissionType, tlsOptions, id, envelope } = session;
  const hello = hostNameAppearsAs.replace(/[^\w.:[\]-]/g, '?').slice(0, 255);
  const literal = remoteAddress.includes(':') ? `IPv6:${remoteAddress}` : remoteAddress;
  const protocol = envelope.smtpUtf8
    ? `UTF8${transmissionType.replace(/^E/, '')}`
    : transmissionType;
  const cipher = tlsOptions ? `\r\n\ttls ${tlsOptions.standardName ?? tlsOptions.name}` : '';
  const forWhom = recipients.length === 1 ? `\r\n\tfor <${recipients[0]}>` : '';
  return `Received: from ${hello || literal} ([${literal}])\r\n\tby ${by} with ${protocol} id ${id}${cipher}${forWhom};\r\n\t${dateOf(at)}`;
}

/** A moment as RFC 5322, 3.3 writes it, in the time of Vietnam. */
export function dateOf(moment: Date): string {
  const local = new Date(moment.getTime() + 7 * 3_600_000);
  return local.toUTCString().replace('GMT', '+0700');
}
