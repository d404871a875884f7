import type { Player } from './cast.js';
import { today } from './stage.js';
import { tell } from './timeline.js';

/** Who issues certificates here: the authority for tests of this machine. */
export interface Authority {
  url: string;
  token: string;
}

/** A key kept in the service, ready to sign with. */
export interface Key {
  id: string;
  passphrase: string;
}

interface Line {
  id: string;
}
interface Request {
  id: string;
  version: number;
  reference: string;
  lines: Line[];
}
interface KeyReply {
  id: string;
  version: number;
  request: string;
}

const passphrase = 'khóa của bản trình diễn';

/** Asks for certificates of a leader and an agency, has them issued, registered and put to use. */
export async function certify(
  { leader, clerk, officer }: Record<'leader' | 'clerk' | 'officer', Player>,
  authority: Authority,
): Promise<{ own: Key; agencys: Key }> {
  const request = await ask(leader, clerk);
  tell(clerk.called, `asks for two certificates: request ${request.reference}`);
  await deliver(officer, clerk, request);
  tell(officer.called, 'records the provider’s answers and hands over the devices');
  const keys: Key[] = [];
  for (const [index, [holder, holderKind]] of [
    [leader, 'person'],
    [clerk, 'agency'],
  ].entries() as ArrayIterator<[number, [Player, 'person' | 'agency']]>) {
    const { agencyId, personId } = holder;
    const key = await holder.client.post<KeyReply>('/v1/signing-keys', {
      ...{ holderKind, agencyId, passphrase },
      algorithm: holderKind === 'person' ? 'ec-p256' : 'rsa-3072',
    });
    const pem = await issue(authority, key.request);
    const holderId = holderKind === 'person' ? personId : agencyId;
    const registered = await officer.client.post<{ id: string; subject: string }>(
      '/v1/certificates',
      {
        ...{ pem, holderKind, holderId, agencyId, device: 'remote' },
        requestLineId: request.lines[index]!.id,
      },
    );
    tell(officer.called, `registers ${registered.subject}`);
    const attached = { certificateId: registered.id };
    await holder.client.change(`/v1/signing-keys/${key.id}/certificate`, key.version, attached);
    keys.push({ id: key.id, passphrase });
  }
  return { own: keys[0]!, agencys: keys[1]! };
}

async function ask(leader: Player, clerk: Player): Promise<Request> {
  const { agencyId, client } = clerk;
  const identity = {
    personalId: '068099000001',
    idIssuedOn: '2021-05-01',
    idIssuedBy: 'Bộ Công an',
  };
  const contact = { email: 'chukyso@lamdong.gov.vn', mobile: '0900000001' };
  const agency = clerk.unit.split(', ').at(-1);
  const person = { fullName: leader.fullName, position: leader.title, organisation: agency };
  const lines = [
    {
      ...{ form: '01', holderKind: 'person', holderId: leader.personId },
      fields: { ...identity, ...contact, ...person, keyKind: 'token' },
    },
    {
      ...{ form: '02', holderKind: 'agency', holderId: agencyId },
      fields: {
        ...{ ...identity, ...contact, name: agency, address: 'Trụ sở UBND', province: 'Lâm Đồng' },
        ...{ receiverName: clerk.fullName, position: clerk.title },
      },
    },
  ];
  const draft = await client.post<Request>('/v1/certificate-requests', { agencyId, lines });
  const path = `/v1/certificate-requests/${draft.id}/sending`;
  return client.change<Request>(path, draft.version);
}

async function deliver({ client, fullName }: Player, clerk: Player, { id, lines }: Request) {
  const path = `/v1/certificate-requests/${id}`;
  const serial = (index: number) => `KM-${id.slice(0, 4)}-${index + 1}`;
  await client.post(`${path}/answers`, {
    answers: lines.map((line, index) => ({
      ...{ lineId: line.id, outcome: 'device_ready', deviceSerial: serial(index) },
    })),
  });
  await client.post(`${path}/hand-overs`, {
    ...{ lines: lines.map((line) => ({ lineId: line.id })), handedOverOn: today() },
    ...{ place: 'Sở Khoa học và Công nghệ', giver: fullName },
    ...{ receiver: clerk.fullName, receiverPosition: clerk.title },
  });
}

/** The certificate for a request that a key has signed (PKCS #10). */
async function issue({ url, token }: Authority, request: string): Promise<string> {
  const reply = await fetch(`${url}/certificates`, {
    ...{ method: 'POST', body: request, headers: { authorization: `Bearer ${token}` } },
  });
  if (!reply.ok) throw new Error(`The authority for tests: ${reply.status} ${await reply.text()}`);
  return ((await reply.json()) as { certificate: string }).certificate;
}
