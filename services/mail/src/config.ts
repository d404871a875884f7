import { Count, Email, Text } from '@eoffice/contracts';
import { ServiceSettings } from '@eoffice/platform/settings';

/** The settings of the mail service, beside those of every service. */
export class MailSettings extends ServiceSettings {
  @Text({
    max: 253,
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
}
