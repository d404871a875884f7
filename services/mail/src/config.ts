import { BlockList, isIP, isIPv6 } from 'node:net';
import { Count, Email, Text } from '@eoffice/contracts';
import { Address, ServiceSettings } from '@eoffice/platform/settings';

/** The settings of the mail service, beside those of every service. */
export class MailSettings extends ServiceSettings {
  @Text({
    max: 253,
    pattern: /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/,
    example: 'mail.lamdong.gov.vn',
    description: 'Name of this mail server, as MX records and its certificate say it',
  })
  mailHostname: string = 'localhost';
  @Text({ max: 200, description: 'Address to listen on for mail; 0.0.0.0 in a container' })
  smtpHost: string = '127.0.0.1';
  @Count({ max: 65_535, description: 'Port for mail from other servers; 0 takes any free one' })
  smtpPort: number = 0;
  @Count({ max: 65_535, description: 'Port for mail of our own people, by STARTTLS' })
  submissionPort: number = 0;
  @Count({ max: 65_535, description: 'Port for mail of our own people, by TLS from the start' })
  submissionTlsPort: number = 0;
  @Text({
    max: 500,
    optional: true,
    description:
      'PEM file of the certificate chain of mail; without it one is made that nobody trusts',
  })
  mailCertificateFile?: string;
  @Text({ max: 500, optional: true, description: 'PEM file of the private key to it' })
  mailKeyFile?: string;
  @Email({ optional: true, description: 'Who gets what is written to postmaster' })
  postmasterAddress?: string;
  @Count({ min: 1, max: 100, description: 'Largest message, in MiB; a third of it is encoding' })
  messageLimitMb: number = 36;
  @Count({ min: 10, max: 10_000, description: 'Most connections for mail at once' })
  smtpConnections: number = 500;
  @Count({ min: 1, max: 10_000, description: 'Most connections for mail of one address at once' })
  smtpPeerConnections: number = 20;
  @Count({ min: 1, max: 1_000_000, description: 'Most messages a minute of one address' })
  smtpPeerPerMinute: number = 300;
  @Count({ min: 1, max: 100_000, description: 'Most messages an hour that one person may submit' })
  submissionsPerHour: number = 300;
  @Address(['smtp:', 'smtps:'], {
    ...{ max: 500, optional: true, secret: true, example: 'smtp://USER:PASSWORD@relay:587' },
    description:
      'The server that takes all mail for other servers; without it they are asked for by MX',
  })
  mailRelay?: string;
  @Count({ min: 1, max: 100, description: 'Most mails sent to other servers at once' })
  mailSendersAtOnce: number = 8;
  @Count({ min: 1, max: 65_535, description: 'Port on which mail servers of domains are reached' })
  mailPeerPort: number = 25;
  @Count({
    min: 1_000,
    max: 600_000,
    description: 'How long another mail server may be silent (RFC 5321: 300000)',
  })
  mailPeerTimeoutMs: number = 300_000;
  @Text({
    max: 1_000,
    optional: true,
    pattern: /^[0-9a-fA-F:.]+\/\d{1,3}(,[0-9a-fA-F:.]+\/\d{1,3})*$/,
    example: '10.0.0.0/8,172.16.0.0/12',
    description:
      'Networks inside which mail servers of domains may be, such as the government network; no other private address is connected to',
  })
  mailPrivateNetworks?: string;
  @Text({
    max: 500,
    optional: true,
    pattern: /^[0-9a-fA-F:.[\]]+(,[0-9a-fA-F:.[\]]+)*$/,
    example: '10.1.1.53,10.1.2.53:5353',
    description: 'DNS servers asked for mail; without it those of the machine',
  })
  mailDnsServers?: string;
  @Text({
    max: 1_000,
    optional: true,
    description: 'PEM file of roots trusted beside the usual ones when mail is sent',
  })
  mailRootsFile?: string;
  @Text({
    min: 32,
    max: 500,
    optional: true,
    secret: true,
    example: '$(openssl rand -hex 24)',
    description: 'Seals the keys that sign outgoing mail (DKIM)',
  })
  mailSecret?: string;
  @Count({ max: 65_535, description: 'Port of JMAP, for the gateway; 0 takes any free one' })
  jmapPort: number = 0;
  @Count({ min: 1, max: 1_000_000, description: 'Most requests a minute by JMAP of one account' })
  jmapPerMinute: number = 1_200;
}

/** Networks given as `10.0.0.0/8,fd00::/8`. Throws when one is none. */
export function networksOf(list: string | undefined): BlockList {
  const networks = new BlockList();
  for (const each of list?.split(',') ?? []) {
    const [address = '', bits] = each.split('/');
    if (!isIP(address)) throw new Error(`MAIL_PRIVATE_NETWORKS: ${each} is no network`);
    networks.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return networks;
}
