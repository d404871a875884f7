import { Text } from '@eoffice/contracts';
import { ServiceSettings } from '@eoffice/platform/settings';

/** The settings of the signatures service, beside those of every service. */
export class SignaturesSettings extends ServiceSettings {
  @Text({
    min: 32,
    max: 500,
    optional: true,
    secret: true,
    description: 'Seals software keys, together with the passphrase of each holder',
  })
  signingSecret?: string;
}
