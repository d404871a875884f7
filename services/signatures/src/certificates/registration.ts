import { type Caller, Conflict, NotFound, type RegisterCertificate } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { nameOn } from '../directory/known-organisations.js';
import { keepSteps } from '../life/steps.js';
import { RequestLine } from '../requests/request-line.js';
import { Certificate, type Fitting } from './certificate.js';
import { mustHold } from './holder.js';
import { readCertificate } from './read-certificate.js';

/** Puts a certificate into the register; the line of a request that it was issued for is active then. */
export async function registerCertificate(
  manager: EntityManager,
  input: RegisterCertificate,
  caller: Caller,
): Promise<Certificate> {
  const read = readCertificate(input.pem);
  await mustHold(manager, input.agencyId, input);
  if (await manager.existsBy(Certificate, { fingerprint: read.fingerprint })) {
    throw new Conflict({
      vi: 'Chứng thư này đã có trong sổ',
      en: 'This certificate is registered already',
    });
  }
  const line = input.requestLineId ? await lineFor(manager, input) : undefined;
  line?.activate();
  const fitting = await fittingOf(manager, input);
  const renewals = await renewalsBefore(manager, line);
  const certificate = await manager.save(Certificate.register(input, read, fitting, renewals));
  if (line) await manager.save(line);
  const lineId = line?.id;
  const step = { kind: 'active', certificateId: certificate.id, lineId };
  await keepSteps(manager, [step], caller.actor);
  return certificate;
}

/** The line must ask for this holder. Throws NotFound. */
async function lineFor(manager: EntityManager, input: RegisterCertificate): Promise<RequestLine> {
  const { requestLineId: id, holderKind, holderId } = input;
  const lock = { mode: 'pessimistic_write' } as const;
  const line = await manager.findOne(RequestLine, { where: { id, holderKind, holderId }, lock });
  if (line) return line;
  throw new NotFound({
    vi: 'Không có dòng đề nghị này cho người giữ',
    en: 'No line of a request asks for this holder',
  });
}

/** A renewed certificate counts one more renewal than the one before it. */
async function renewalsBefore(manager: EntityManager, line?: RequestLine): Promise<number> {
  if (line?.form !== '04' || line.fields.change !== 'renew') return 0;
  const [before] = await manager.query<{ renewals: number }[]>(
    'select renewals from certificate where id = $1',
    [line.certificateId],
  );
  return (before?.renewals ?? 0) + 1;
}

/** What the certificate is issued for today: posts of the person, name of the agency. */
async function fittingOf(
  manager: EntityManager,
  { holderKind, holderId, agencyId }: RegisterCertificate,
): Promise<Fitting> {
  const [fitting] = await manager.query<Fitting[]>(
    `select array(select a.post_id from known_assignment a
        where $1 = 'person' and a.person_id = $2 and a.agency_id = $3
          and a.valid_from <= local_day() and (a.valid_to is null or a.valid_to >= local_day()))
        as "heldPosts", ${nameOn('$3::uuid')} as "agencyName"`,
    [holderKind, holderId, agencyId],
  );
  return fitting!;
}
