import { createPublicKey, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type AttachCertificate,
  type Caller,
  type CodeSent,
  Conflict,
  type ConnectKey,
  type ConnectRemoteKey,
  type CreateKey,
  cursorOf,
  type DestroyKey,
  type ImportKey,
  type KeyAlgorithm,
  type KeyHolder,
  keyOf as cursorKeyOf,
  NotFound,
  NotTheKey,
  type PageInput,
  type SendCode,
  type SigningKey as SigningKeyReply,
  signingKeyDestroyed,
  signingKeyMade,
  type SigningKeyPage,
  signingKeys,
} from '@eoffice/contracts';
import { CmsSigner } from '@eoffice/signing/cms/sign-cms';
import { Certificate as X509 } from '@eoffice/signing/x509/certificate';
import { Database, type Emit } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { Certificate } from '../certificates/certificate.js';
import { mustHold } from '../certificates/holder.js';
import { nameOn, placeOf } from '../directory/known-organisations.js';
import { keyOf, KeyVault } from './key-vault.js';
import { keyOfPkcs12 } from './pkcs12.js';
import { certificateRequest, type RequestSubject, spkiOf } from './public-keys.js';
import { RemoteKeys } from './remote-keys.js';
import { SigningKey } from './signing-key.js';
import { Tokens } from './tokens.js';

const makePair = promisify(generateKeyPair);

/** What using a key of this kind of holder takes. */
export const permissionFor = (holder: KeyHolder) =>
  holder === 'agency' ? 'signatures.seal' : 'signatures.sign';

/** Keeps software keys: made here or taken in, used by who keeps them alone. */
@Serves(signingKeys)
export class Keys {
  constructor(
    private readonly database: Database,
    private readonly vault: KeyVault,
    private readonly tokens: Tokens,
    private readonly remote: RemoteKeys,
  ) {}

  async create(input: CreateKey, caller: Caller): Promise<SigningKeyReply> {
    const { holderKind, agencyId, algorithm, passphrase } = input;
    const { manager } = this.database;
    const holderId = await this.holderFor(manager, input, caller);
    const key = await makeKey(algorithm);
    const seal = await this.vault.close(key, passphrase);
    const custodianId = caller.personId;
    const request = certificateRequest(key, await subjectOf(manager, input, holderId));
    const whose = { holderKind, holderId, agencyId, custodianId };
    const made = SigningKey.make({ ...whose, algorithm, spki: spkiOf(key), request }, seal);
    return this.database.transaction(caller, (within, emit) => keep(within, emit, made));
  }

  async import(input: ImportKey, caller: Caller): Promise<SigningKeyReply> {
    const { certificateId, pkcs12, pkcs12Password, passphrase } = input;
    const { whose, spki } = await this.certified(certificateId, caller);
    const key = keyOfPkcs12(Buffer.from(pkcs12, 'base64'), pkcs12Password);
    if (!spki.equals(spkiOf(key))) throw new NotTheKey();
    const seal = await this.vault.close(key, passphrase);
    const algorithm = key.asymmetricKeyType ?? 'unknown';
    return this.keepNew(SigningKey.make({ ...whose, algorithm, spki }, seal), caller);
  }

  async connect(input: ConnectKey, caller: Caller): Promise<SigningKeyReply> {
    const { certificateId, token, pin = '', passphrase } = input;
    const { whose, spki, certificate } = await this.certified(certificateId, caller);
    const objectId = await this.tokens.find(token, pin, spki);
    if (!objectId) throw new NotTheKey();
    // That it signs is asked of the key itself, not of what the token says of it.
    const signer = new CmsSigner({ certificate });
    await this.tokens.sign({ token, objectId }, pin, randomBytes(32), signer);
    const seal = await this.vault.closePin(pin, passphrase, spki);
    const facts = { ...whose, algorithm: kindOf(spki), spki, token, objectId };
    return this.keepNew(SigningKey.make(facts, seal), caller);
  }

  async connectRemote(input: ConnectRemoteKey, caller: Caller): Promise<SigningKeyReply> {
    const { certificateId, serviceId, userId, pin = '', passphrase } = input;
    const { whose, spki, certificate } = await this.certified(certificateId, caller);
    const place = await this.remote.find(serviceId, certificate, { userId, pin });
    const seal = await this.vault.closePin(pin, passphrase, spki);
    const facts = { ...whose, algorithm: kindOf(spki), spki, ...place };
    return this.keepNew(SigningKey.make(facts, seal), caller);
  }

  async sendCode({ id }: SendCode, caller: Caller): Promise<CodeSent> {
    const key = await keyOf(this.database.manager, id, caller);
    if (!key.sealed) throw new NotFound();
    key.mayBeTried();
    const { service, credential } = key;
    if (service === null || credential === null) return { sent: false };
    const sent = await this.remote.sendCode({ service, credential });
    return this.database.transaction(caller, (_manager, _emit, record) => {
      if (sent) record('signatures.keys.code-sent', id, {});
      return Promise.resolve({ sent });
    });
  }

  /** A registered certificate whose key the caller may keep, and whose key that is. */
  private async certified(certificateId: string, caller: Caller) {
    const { manager } = this.database;
    const found = await manager.findOneBy(Certificate, { id: certificateId });
    if (!found || found.holderKind === 'device') throw noCertificate();
    const { holderKind, holderId, agencyId, pem } = found;
    const holder = await this.holderFor(manager, { holderKind, agencyId }, caller);
    if (holder !== holderId) throw noCertificate();
    const custodianId = caller.personId;
    const whose = { holderKind, holderId, agencyId, custodianId, certificateId };
    return { whose, spki: spkiOf(pem), certificate: X509.read(new X509Certificate(pem).raw) };
  }

  private keepNew(key: SigningKey, caller: Caller): Promise<SigningKeyReply> {
    return this.database.transaction(caller, async (within, emit) => {
      const known = await within.query<unknown[]>(
        'select 1 from signing_key where sha256(spki) = sha256($1) and destroyed_at is null',
        [key.spki],
      );
      if (known.length > 0) throw new Conflict();
      return keep(within, emit, key);
    });
  }

  attach({ id, version, certificateId }: AttachCertificate, caller: Caller) {
    return this.database.transaction<SigningKeyReply>(caller, async (manager, _, record) => {
      const key = await keyOf(manager, id, caller, true);
      const certificate = await manager.findOneBy(Certificate, { id: certificateId });
      if (!certificate) throw noCertificate();
      key.attach(certificate, version);
      record('signatures.keys.attached', id, { certificateId });
      return shown(await manager.save(key));
    });
  }

  async list({ limit = 50, after }: PageInput, caller: Caller): Promise<SigningKeyPage> {
    const [at = null, id = null] = cursorKeyOf(after) ?? [];
    const found = await this.database.manager
      .createQueryBuilder(SigningKey, 'key')
      .where('key.custodian_id = :person', { person: caller.personId || null })
      .andWhere('(:at::timestamptz is null or (key.created_at, key.id) < (:at, :id))', { at, id })
      .orderBy({ 'key.createdAt': 'DESC', 'key.id': 'DESC' })
      .limit(limit)
      .getMany();
    const last = found.length === limit ? found.at(-1) : undefined;
    return {
      items: found.map(shown),
      next: last && cursorOf(last.createdAt.toISOString(), last.id),
    };
  }

  destroy({ id, version }: DestroyKey, caller: Caller): Promise<SigningKeyReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const key = await keyOf(manager, id, caller, true);
      key.destroy(version);
      emit(signingKeyDestroyed, id, { keyId: id, agencyId: key.agencyId });
      return shown(await manager.save(key));
    });
  }

  /** Somebody's own key is theirs; the agency's is kept by who may apply its signature. */
  private async holderFor(
    manager: EntityManager,
    { holderKind, agencyId }: Pick<CreateKey, 'holderKind' | 'agencyId'>,
    caller: Caller,
  ): Promise<string> {
    caller.acting(permissionFor(holderKind), await placeOf(manager, agencyId));
    const holderId = holderKind === 'agency' ? agencyId : caller.personId;
    await mustHold(manager, agencyId, { holderKind, holderId });
    return holderId;
  }
}

const kindOf = (spki: Buffer) =>
  createPublicKey({ key: spki, format: 'der', type: 'spki' }).asymmetricKeyType!;

async function makeKey(algorithm: KeyAlgorithm) {
  if (algorithm === 'ec-p256') return (await makePair('ec', { namedCurve: 'P-256' })).privateKey;
  return (await makePair('rsa', { modulusLength: 3072 })).privateKey;
}

/** What the provider is asked to certify: the names that the directory has today. */
async function subjectOf(
  manager: EntityManager,
  { holderKind, agencyId }: CreateKey,
  holderId: string,
): Promise<RequestSubject> {
  const [found] = await manager.query<{ organisation: string; name?: string; title?: string }[]>(
    `select ${nameOn('$1::uuid')} as organisation,
       (select full_name from known_person where person_id = $2) as name,
       (select t.title from known_assignment a join known_post t using (post_id)
        where a.person_id = $2 and a.agency_id = $1 and a.valid_from <= local_day()
          and (a.valid_to is null or a.valid_to >= local_day())
        order by t.signs desc, t.leads desc, a.valid_from desc limit 1) as title`,
    [agencyId, holderId],
  );
  const { organisation, name, title } = found!;
  if (holderKind === 'agency') return { commonName: organisation, organisation };
  return { commonName: name!, organisation, title };
}

async function keep(manager: EntityManager, emit: Emit, key: SigningKey): Promise<SigningKeyReply> {
  await manager.save(key);
  emit(signingKeyMade, key.id, { keyId: key.id, agencyId: key.agencyId });
  return shown(key);
}

const shown = (row: SigningKey): SigningKeyReply => {
  const { request, token, service, certificateId, destroyedAt, ...key } = row;
  return {
    ...key,
    request: request ?? undefined,
    token: token ?? undefined,
    service: service ?? undefined,
    certificateId: certificateId ?? undefined,
    destroyedAt: destroyedAt ?? undefined,
  };
};

const noCertificate = () =>
  new NotFound({ vi: 'Không có chứng thư này', en: 'There is no such certificate' });
