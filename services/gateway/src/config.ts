import { Count, Text } from '@eoffice/contracts';
import { Address, ServiceSettings } from '@eoffice/platform/settings';

/** The settings of the gateway, beside those of every service. */
export class GatewaySettings extends ServiceSettings {
  @Count({ max: 65_535, description: 'Port of the REST API' })
  override httpPort: number = 8080;
  @Address(['http:', 'https:'], {
    ...{ max: 200, description: 'Address by which browsers reach the gateway' },
  })
  publicUrl: string = 'http://localhost:8080';
  @Text({ min: 0, max: 2_000, description: 'Origins of web frontends, separated by commas' })
  corsOrigins: string = '';
  @Count({ min: 1, max: 1_000_000, description: 'Requests a minute of one account or address' })
  rateLimitPerMinute: number = 600;
  @Count({ min: 1, max: 2_000, description: 'Largest file that may be uploaded, in MiB' })
  uploadLimitMb: number = 100;
  @Text({
    ...{ min: 32, max: 500, secret: true, example: '$(openssl rand -hex 24)' },
    description: 'Seals private keys and second factors',
  })
  gatewaySecret: string;
  @Text({
    min: 8,
    max: 200,
    optional: true,
    secret: true,
    example: '$(openssl rand -hex 12)',
    description: 'Password of the account `admin`, made at the first start',
  })
  initialAdminPassword?: string;
  @Address(['http:', 'https:'], {
    ...{ max: 200, optional: true, example: 'http://mail:8082' },
    description: 'Where the mail service listens for JMAP: what comes to /jmap goes there',
  })
  mailJmapUrl?: string;
  @Text({ max: 300, optional: true, description: 'OpenID Connect provider of the province' })
  oidcIssuer?: string;
  @Text({ max: 200, optional: true, description: 'Client at the provider' })
  oidcClientId?: string;
  @Text({ max: 500, optional: true, secret: true, description: 'Secret of the client' })
  oidcClientSecret?: string;
  @Text({
    max: 500,
    optional: true,
    description: 'Values of `acr` by which the provider says second factor, separated by commas',
  })
  oidcSecondFactorAcr?: string;
}
