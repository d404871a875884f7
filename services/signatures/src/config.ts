import { Count, Text } from '@eoffice/contracts';
import { ServiceSettings } from '@eoffice/platform/settings';

/** The settings of the signatures service, beside those of every service. */
export class SignaturesSettings extends ServiceSettings {
  @Text({
    min: 32,
    max: 500,
    optional: true,
    secret: true,
    example: '$(openssl rand -hex 24)',
    description: 'Seals software keys, together with the passphrase of each holder',
  })
  signingSecret?: string;
  @Text({
    max: 500,
    optional: true,
    description: 'The PKCS #11 library of tokens and HSMs; without it keys are software only',
  })
  pkcs11Module?: string;
  @Text({
    max: 64,
    optional: true,
    secret: true,
    description: 'The PIN of the HSM, for keys whose keepers do not know it',
  })
  pkcs11Pin?: string;
  @Count({ min: 500, max: 20_000, description: 'How long a token may take to sign' })
  pkcs11TimeoutMs: number = 8_000;
}
