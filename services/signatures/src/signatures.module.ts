import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Campaign } from './campaigns/campaign.js';
import { Campaigns } from './campaigns/campaigns.js';
import { Certificate } from './certificates/certificate.js';
import { Certificates } from './certificates/certificates.js';
import { ExpiryAlarms } from './certificates/expiry-alarms.js';
import { SignaturesSettings } from './config.js';
import { Deliveries } from './deliveries/deliveries.js';
import { HandOver } from './deliveries/hand-over.js';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { StatusEvidence } from './evidence/status-evidence.js';
import { Figures } from './figures/figures.js';
import { CampaignUnit } from './gap-lists/campaign-unit.js';
import { GapLine } from './gap-lists/gap-line.js';
import { GapLists } from './gap-lists/gap-lists.js';
import { SignatureIndicators } from './indicators/indicators.js';
import { KeyVault } from './keys/key-vault.js';
import { Keys } from './keys/keys.js';
import { RemoteKeys } from './keys/remote-keys.js';
import { RemoteServices } from './keys/remote-services.js';
import { SigningKey } from './keys/signing-key.js';
import { Tokens } from './keys/tokens.js';
import { Policies } from './policies/policies.js';
import { PreservationReactions } from './preservation/preservation.reactions.js';
import { Preservations } from './preservation/preservations.js';
import { Preserving } from './preservation/preserving.js';
import { CertificateRequest } from './requests/certificate-request.js';
import { RequestLine } from './requests/request-line.js';
import { OfficialAddresses } from './requests/official-addresses.js';
import { CertificateRequests } from './requests/requests.js';
import { Trust } from './trust/trust.js';
import { TrustAlarms } from './trust/trust-alarms.js';
import { IncomingValidation } from './validation/incoming-validation.js';
import { ValidationPolicies } from './validation/policies.js';
import { Validations } from './validation/validations.js';
import { Validator } from './validation/validator.js';
import { Validators } from './validation/validators.js';
import { BatchRunner } from './signing/batch-runner.js';
import { Batches } from './signing/batches.js';
import { Signature } from './signing/signature.js';
import { SignatureMaker } from './signing/signature-maker.js';
import { Signing } from './signing/signing.js';
import { Stamping } from './signing/stamping.js';
import { WishReactions } from './signing/wishes.reactions.js';
import { Verification } from './verification/verification.js';
import { WorkItem } from './work-list/work-item.js';
import { WorkList } from './work-list/work-list.js';

@Module({
  imports: [
    platform({
      service: 'signatures',
      settings: SignaturesSettings,
      entities: [
        ...[Certificate, CertificateRequest, RequestLine, HandOver],
        ...[Campaign, CampaignUnit, GapLine, WorkItem, SigningKey, Signature],
      ],
      migrations: new URL('../migrations', import.meta.url),
      sweeps: [
        `delete from signature where state = 'prepared' and expires_at < now() - interval '30 days'`,
        'delete from status_answer where expires_at < now()',
      ],
    }),
  ],
  controllers: [
    ...[Certificates, CertificateRequests, Deliveries, Campaigns, GapLists],
    ...[
      WorkList,
      SignatureIndicators,
      Policies,
      Figures,
      Keys,
      RemoteServices,
      Trust,
      Signing,
      Batches,
    ],
    ...[ValidationPolicies, Validations, Verification, Preservations],
  ],
  providers: [
    ...[DirectoryReactions, ExpiryAlarms, TrustAlarms, KeyVault, Tokens, RemoteKeys],
    ...[SignatureMaker, Stamping, WishReactions, BatchRunner],
    ...[Validator, Validators, IncomingValidation, StatusEvidence],
    ...[PreservationReactions, Preserving, OfficialAddresses],
  ],
})
export class SignaturesModule {}
