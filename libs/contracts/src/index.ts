import { accountCreated, accountDisabled, accounts } from './accounts/accounts.js';
import { apiKeys } from './accounts/api-keys.js';
import { ownAccount } from './accounts/own-account.js';
import { sessions } from './accounts/sessions.js';
import { signInRules, signInRulesChanged } from './accounts/sign-in-rules.js';
import { calendar } from './directory/calendar.js';
import { directoryEvents } from './directory/events.js';
import { imports } from './directory/imports.js';
import { organisations } from './directory/organisations.js';
import { people } from './directory/people.js';
import { roleChanged, roles } from './directory/roles.js';
import { arrivals } from './documents/arrivals.js';
import { authorities, authorityEnded, authorityGranted } from './documents/authorities.js';
import { bookClosed, bookOpened, books } from './documents/books.js';
import { draftApproved, draftCreated, drafts } from './documents/drafts.js';
import {
  handling,
  incomingAssigned,
  incomingCompleted,
  incomingPresented,
  incomingReturned,
  incomingTransferred,
} from './documents/handling.js';
import {
  incoming,
  incomingQuarantined,
  incomingRegistered,
  incomingSignable,
} from './documents/incoming.js';
import {
  outgoing,
  outgoingCancelled,
  outgoingIssued,
  outgoingRecalled,
} from './documents/outgoing.js';
import { issuingPolicies, issuingPolicyChanged } from './documents/issuing-policies.js';
import { policies, policyChanged } from './documents/policies.js';
import { registers } from './documents/registers.js';
import { search } from './documents/search.js';
import { signingChanged } from './documents/signing.js';
import { statistics } from './documents/statistics.js';
import { figuresOf } from './language/figures.js';
import { keys } from './language/keys.js';
import type { Contract } from './language/contract.js';
import type { EventType } from './language/event.js';
import { upkeepOf } from './language/upkeep.js';
import {
  campaignClosed,
  campaignConsolidated,
  campaignOpened,
  signatureCampaigns,
} from './signatures/campaigns.js';
import {
  certificateBlocked,
  certificateExpired,
  certificateExpiring,
  certificateRegistered,
  certificateRevoked,
  certificates,
  certificateUnblocked,
} from './signatures/certificates.js';
import {
  certificateAccepted,
  certificateDeliveries,
  certificateRejected,
  deviceDelivered,
  deviceReady,
} from './signatures/deliveries.js';
import { gapListConfirmed, gapListReturned, gapLists } from './signatures/gap-lists.js';
import { signatureIndicators } from './signatures/indicators.js';
import { signingKeyDestroyed, signingKeyMade, signingKeys } from './signatures/keys.js';
import { certificatePolicies, certificatePolicyChanged } from './signatures/policies.js';
import { remoteServices } from './signatures/remote-services.js';
import { certificateRequests, certificateRequestSent } from './signatures/requests.js';
import { trust, trustChanged, trustExpiring } from './signatures/trust.js';
import { validationConcluded, validations } from './signatures/validations.js';
import { validationPolicies, validationPolicyChanged } from './signatures/validation-policies.js';
import { signatureBatchEnded, signatureBatches } from './signatures/signature-batches.js';
import { documentSigned, signing } from './signatures/signing.js';
import { verification } from './signatures/verification.js';
import {
  preservationExtended,
  preservationFailed,
  preservations,
} from './signatures/preservations.js';
import { workItemRaised, workItemSettled, workList } from './signatures/work-list.js';
import { deliveries, outboundFailed } from './mail/deliveries.js';
import { dispatches } from './mail/dispatches.js';
import { dkim, dkimKeyActivated, dkimKeyRetired } from './mail/dkim.js';
import { folders } from './mail/folders.js';
import { grants } from './mail/grants.js';
import { mailboxKeeping } from './mail/keeping.js';
import { messages } from './mail/messages.js';
import { appPasswords, mailSignInRefused } from './mail/app-passwords.js';
import { mailboxClosed, mailboxes, mailboxOpened, mailboxRefused } from './mail/mailboxes.js';
import { mailPolicy, mailPolicyChanged } from './mail/policy.js';
import { registrations } from './mail/registrations.js';
import { mailSurvey, mailSurveyClosed } from './mail/survey.js';
import { mailRefused } from './mail/smtp.js';
import {
  recommendationDone,
  recommendationMade,
  visitClosed,
  visitOpened,
  visits,
} from './inspections/visits.js';
import { articlePublished, articles, articleWithdrawn } from './portals/articles.js';

export * from './accounts/accounts.js';
export * from './accounts/api-keys.js';
export * from './accounts/own-account.js';
export * from './accounts/sessions.js';
export * from './accounts/sign-in-rules.js';
export * from './directory/calendar.js';
export * from './directory/events.js';
export * from './directory/imports.js';
export * from './directory/organisations.js';
export * from './directory/people.js';
export * from './directory/roles.js';
export * from './documents/arrivals.js';
export * from './documents/authorities.js';
export * from './documents/books.js';
export * from './documents/drafts.js';
export * from './documents/handling.js';
export * from './documents/incoming.js';
export * from './documents/issuing-policies.js';
export * from './documents/outgoing.js';
export * from './documents/policies.js';
export * from './documents/registers.js';
export * from './documents/search.js';
export * from './documents/signed-file.js';
export * from './documents/signing.js';
export * from './documents/statistics.js';
export * from './language/caller.js';
export * from './language/contract.js';
export * from './language/event.js';
export * from './language/fields.js';
export * from './language/figures.js';
export * from './language/keys.js';
export * from './language/page.js';
export * from './language/problem.js';
export * from './language/reading.js';
export * from './language/stored-file.js';
export * from './language/upkeep.js';
export * from './mail/smtp.js';
export * from './mail/deliveries.js';
export * from './mail/dispatches.js';
export * from './mail/dkim.js';
export * from './mail/keeping.js';
export * from './mail/app-passwords.js';
export * from './mail/mailboxes.js';
export * from './mail/policy.js';
export * from './mail/survey.js';
export * from './mail/folders.js';
export * from './mail/grants.js';
export * from './mail/messages.js';
export * from './mail/registrations.js';
export * from './inspections/visits.js';
export * from './portals/articles.js';
export * from './signatures/campaigns.js';
export * from './signatures/certificates.js';
export * from './signatures/deliveries.js';
export * from './signatures/gap-lists.js';
export * from './signatures/indicators.js';
export * from './signatures/keys.js';
export * from './signatures/policies.js';
export * from './signatures/remote-services.js';
export * from './signatures/requests.js';
export * from './signatures/signature-batches.js';
export * from './signatures/signing.js';
export * from './signatures/trust.js';
export * from './signatures/validations.js';
export * from './signatures/validation-policies.js';
export * from './signatures/verification.js';
export * from './signatures/preservations.js';
export * from './signatures/work-list.js';

/** The six processes of the house; `gateway` also owns the directory, accounts and files. */
export const serviceNames = [
  'gateway',
  'documents',
  'mail',
  'signatures',
  'portals',
  'inspections',
] as const;

/** The services that measure figures for inspections. */
export const measuring = ['documents', 'mail', 'signatures', 'portals'] as const;

/** Every contract of the house: what is not in this list does not exist. */
export const contracts: Contract[] = [
  keys,
  sessions,
  signInRules,
  ownAccount,
  accounts,
  apiKeys,
  organisations,
  people,
  roles,
  calendar,
  imports,
  books,
  incoming,
  arrivals,
  handling,
  drafts,
  authorities,
  outgoing,
  search,
  statistics,
  policies,
  issuingPolicies,
  registers,
  mailboxes,
  mailPolicy,
  mailSurvey,
  deliveries,
  dkim,
  folders,
  messages,
  grants,
  mailboxKeeping,
  appPasswords,
  registrations,
  dispatches,
  certificates,
  certificateRequests,
  certificateDeliveries,
  signatureCampaigns,
  gapLists,
  workList,
  signatureIndicators,
  certificatePolicies,
  signingKeys,
  remoteServices,
  signing,
  signatureBatches,
  trust,
  validationPolicies,
  validations,
  verification,
  preservations,
  articles,
  visits,
  ...measuring.map((name) => figuresOf(name)),
  ...serviceNames.map((name) => upkeepOf(name)),
];

/** Every kind of fact the house announces. */
export const events: EventType[] = [
  roleChanged,
  signInRulesChanged,
  ...directoryEvents,
  accountCreated,
  accountDisabled,
  bookOpened,
  bookClosed,
  incomingRegistered,
  incomingSignable,
  incomingQuarantined,
  incomingPresented,
  incomingAssigned,
  incomingReturned,
  incomingTransferred,
  incomingCompleted,
  draftCreated,
  draftApproved,
  authorityGranted,
  authorityEnded,
  outgoingIssued,
  outgoingCancelled,
  outgoingRecalled,
  signingChanged,
  policyChanged,
  issuingPolicyChanged,
  mailboxOpened,
  mailboxClosed,
  mailboxRefused,
  mailPolicyChanged,
  mailSurveyClosed,
  mailRefused,
  outboundFailed,
  dkimKeyActivated,
  dkimKeyRetired,
  mailSignInRefused,
  certificateRegistered,
  certificateRevoked,
  certificateBlocked,
  certificateUnblocked,
  certificateExpiring,
  certificateExpired,
  certificateRequestSent,
  certificateAccepted,
  certificateRejected,
  deviceReady,
  deviceDelivered,
  campaignOpened,
  gapListConfirmed,
  gapListReturned,
  campaignConsolidated,
  campaignClosed,
  workItemRaised,
  workItemSettled,
  certificatePolicyChanged,
  signingKeyMade,
  signingKeyDestroyed,
  documentSigned,
  signatureBatchEnded,
  trustChanged,
  trustExpiring,
  validationPolicyChanged,
  validationConcluded,
  preservationExtended,
  preservationFailed,
  articlePublished,
  articleWithdrawn,
  visitOpened,
  visitClosed,
  recommendationMade,
  recommendationDone,
];
