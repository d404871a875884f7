import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Flag, Id, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, Conflict, NotFound, problem } from '../language/problem.js';

export class KeysNotSetUp extends problem(409, 'signatures/keys-not-set-up', {
  vi: 'Hệ thống chưa được thiết lập để giữ khóa bí mật',
  en: 'This installation keeps no keys: SIGNING_SECRET is not set',
}) {}
export class WrongPassphrase extends problem(403, 'signatures/wrong-passphrase', {
  vi: 'Mật khẩu khóa không đúng',
  en: 'The passphrase of the key is not right',
}) {}
export class KeyLocked extends problem(423, 'signatures/key-locked', {
  vi: 'Khóa tạm bị khóa vì nhập sai mật khẩu nhiều lần',
  en: 'The key is locked for a while after too many wrong passphrases',
}) {}
export class NotTheKey extends problem(422, 'signatures/not-the-key', {
  vi: 'Khóa và chứng thư không khớp nhau',
  en: 'The key and the certificate do not belong together',
}) {}
export class UnreadableKey extends problem(422, 'signatures/unreadable-key', {
  vi: 'Không đọc được khóa trong tệp PKCS #12',
  en: 'No key can be read from the PKCS #12 file',
}) {}

export class TokensNotSetUp extends problem(409, 'signatures/tokens-not-set-up', {
  vi: 'Hệ thống chưa được thiết lập để ký bằng thiết bị (PKCS #11)',
  en: 'This installation signs with no devices: PKCS11_MODULE is not set',
}) {}
export class TokenUnavailable extends problem(503, 'signatures/token-unavailable', {
  vi: 'Thiết bị giữ khóa không dùng được lúc này',
  en: 'The device that keeps the key cannot be used now',
}) {}
export class PinRefused extends problem(403, 'signatures/pin-refused', {
  vi: 'Thiết bị không nhận mã PIN',
  en: 'The device does not accept the PIN',
}) {}

export class RemoteServiceUnavailable extends problem(
  503,
  'signatures/remote-service-unavailable',
  {
    vi: 'Dịch vụ ký từ xa không ký được lúc này',
    en: 'The remote signing service cannot sign now',
  },
) {}
export class RemoteServiceEnded extends problem(409, 'signatures/remote-service-ended', {
  vi: 'Dịch vụ ký từ xa không còn hoặc chưa được phép dùng',
  en: 'The remote signing service may not be used today',
}) {}
export class CredentialUnusable extends problem(409, 'signatures/credential-unusable', {
  vi: 'Không ký được bằng khóa này tại dịch vụ ký từ xa',
  en: 'The remote service lets nobody sign with this key in this way',
}) {}

export class CodeRefused extends problem(403, 'signatures/code-refused', {
  vi: 'Dịch vụ ký từ xa cần mã dùng một lần đúng và còn hạn',
  en: 'The remote service wants a one-time code that is right and not used',
}) {}

/** What using a key on a token or an HSM may come to, besides what a software key may. */
export const tokenProblems = [TokensNotSetUp, TokenUnavailable, PinRefused];

/** What using a key that a remote service keeps may come to. */
export const remoteProblems = [
  ...[RemoteServiceUnavailable, RemoteServiceEnded, CredentialUnusable, PinRefused, CodeRefused],
];

export const keyAlgorithms = ['ec-p256', 'rsa-3072'] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];
export const keyHolders = ['person', 'agency'] as const;
export type KeyHolder = (typeof keyHolders)[number];

const Passphrase = () =>
  Text({ min: 12, max: 200, secret: true, description: 'Known to the holder only; never kept' });

export class CreateKey {
  @Choice(keyHolders, { description: 'Yourself, or the agency whose signature you apply' })
  holderKind: KeyHolder;
  @Id() agencyId: string;
  @Choice(keyAlgorithms) algorithm: KeyAlgorithm;
  @Passphrase() passphrase: string;
}

export class ImportKey {
  @Id({ description: 'The registered certificate whose key it is' }) certificateId: string;
  @Text({ max: 40_000, secret: true, description: 'The PKCS #12 file in base64' }) pkcs12: string;
  @Text({ min: 0, max: 200, secret: true }) pkcs12Password: string;
  @Passphrase() passphrase: string;
}

export class ConnectKey {
  @Id({ description: 'The registered certificate whose key it is' }) certificateId: string;
  @Text({ max: 32, description: 'Label of the token' }) token: string;
  @Text({
    ...{ min: 4, max: 64, optional: true, secret: true },
    description: 'PIN of the token, kept under your passphrase; without it that of the settings',
  })
  pin?: string;
  @Passphrase() passphrase: string;
}

export class ConnectRemoteKey {
  @Id({ description: 'The registered certificate whose key it is' }) certificateId: string;
  @Id({ description: 'The remote signing service that keeps it' }) serviceId: string;
  @Text({ max: 200, optional: true, description: 'Who you are there, where it has to be told' })
  userId?: string;
  @Text({
    ...{ min: 4, max: 64, optional: true, secret: true },
    description: 'Your PIN there, kept under your passphrase; absent where the service asks you',
  })
  pin?: string;
  @Passphrase() passphrase: string;
}

/** A key that signs, kept here under the holder's passphrase. The key itself never leaves. */
export class SigningKey {
  @Id() id: string;
  @Choice(keyHolders) holderKind: KeyHolder;
  @Id() holderId: string;
  @Id() agencyId: string;
  @Id({ description: 'Who alone may sign with it' }) custodianId: string;
  @Text({ max: 20 }) algorithm: string;
  @Text({ max: 4_000, optional: true, description: 'PKCS #10 for the provider, in PEM' })
  request?: string;
  @Text({ max: 32, optional: true, description: 'Label of the token it is on' }) token?: string;
  @Text({ max: 300, optional: true, description: 'Address of the remote service that keeps it' })
  service?: string;
  @Id({ optional: true }) certificateId?: string;
  @Moment() createdAt: Date;
  @Moment({ optional: true }) destroyedAt?: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class AttachCertificate {
  @Id() id: string;
  @Version() version: number;
  @Id() certificateId: string;
}

export class DestroyKey {
  @Id() id: string;
  @Version() version: number;
}

export class SendCode {
  @Id() id: string;
}

export class CodeSent {
  @Flag({ description: 'false: none is wanted, or the device of the holder makes it' })
  sent: boolean;
}

export class SigningKeyPage extends pageOf(SigningKey) {}

export const signingKeys = contract('signatures.keys', {
  create: {
    summary: 'Make a key here under your passphrase; what comes back goes to the provider',
    route: 'POST /signing-keys',
    permission: 'signatures.sign',
    input: CreateKey,
    output: SigningKey,
    errors: [NotFound, KeysNotSetUp],
    status: 201,
    timeoutMs: 15_000,
  },
  import: {
    summary: 'Take in the key of a registered certificate from a PKCS #12 file',
    route: 'POST /signing-keys/imports',
    permission: 'signatures.sign',
    input: ImportKey,
    output: SigningKey,
    errors: [NotFound, Conflict, KeysNotSetUp, UnreadableKey, NotTheKey],
    status: 201,
    timeoutMs: 15_000,
  },
  connect: {
    summary: 'Sign with a key on a token or HSM of this installation under your passphrase',
    route: 'POST /signing-keys/tokens',
    permission: 'signatures.sign',
    input: ConnectKey,
    output: SigningKey,
    errors: [NotFound, Conflict, KeysNotSetUp, NotTheKey, ...tokenProblems],
    status: 201,
    timeoutMs: 45_000,
  },
  connectRemote: {
    summary: 'Sign with a key that a remote signing service keeps, under your passphrase',
    route: 'POST /signing-keys/remote',
    permission: 'signatures.sign',
    input: ConnectRemoteKey,
    output: SigningKey,
    errors: [NotFound, Conflict, KeysNotSetUp, NotTheKey, ...remoteProblems],
    status: 201,
    timeoutMs: 45_000,
  },
  sendCode: {
    summary: 'Have the remote service of a key send you the one-time code for the next signature',
    route: 'POST /signing-keys/:id/codes',
    permission: 'signatures.sign',
    input: SendCode,
    output: CodeSent,
    errors: [NotFound, KeyLocked, KeysNotSetUp, RemoteServiceUnavailable, RemoteServiceEnded],
    status: 200,
    timeoutMs: 30_000,
  },
  attach: {
    summary: 'Name the registered certificate that was issued for a key',
    route: 'POST /signing-keys/:id/certificate',
    permission: 'signatures.sign',
    input: AttachCertificate,
    output: SigningKey,
    errors: [NotFound, Changed, NotTheKey],
  },
  list: {
    summary: 'List the keys you sign with, newest first',
    route: 'GET /signing-keys',
    permission: 'signatures.sign',
    input: PageInput,
    output: SigningKeyPage,
  },
  destroy: {
    summary: 'Destroy a key for ever; what it signed stays signed',
    route: 'POST /signing-keys/:id/destruction',
    permission: 'signatures.sign',
    input: DestroyKey,
    output: SigningKey,
    errors: [NotFound, Changed],
  },
});

export class SigningKeyFact {
  @Id() keyId: string;
  @Id() agencyId: string;
}

export const signingKeyMade = event(
  'signatures.keys.made.v1',
  'A key was made or taken in',
  SigningKeyFact,
);
export const signingKeyDestroyed = event(
  'signatures.keys.destroyed.v1',
  'A key was destroyed',
  SigningKeyFact,
);
