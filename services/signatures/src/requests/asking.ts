import {
  type Actor,
  type AskLine,
  certificateRequestSent,
  type FieldError,
  FormIncomplete,
  Invalid,
  NotRenewable,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { localYear } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { mustHold } from '../certificates/holder.js';
import { keepSteps } from '../life/steps.js';
import { CertificateRequest } from './certificate-request.js';
import { formErrors, formsToday } from './forms.js';
import { dueToday } from './provider-time.js';
import { RequestLine } from './request-line.js';

/** What holder each form is for; forms 04 to 06 are for any, and about a certificate. */
const holderOf: Partial<Record<string, string>> = {
  '01': 'person',
  '02': 'agency',
  '03': 'device',
};

/** Drafts a request of an agency, with the next number of the year. */
export async function draftRequest(
  manager: EntityManager,
  { agencyId, campaignId = null }: { agencyId: string; campaignId?: string | null },
  actor: Actor,
): Promise<CertificateRequest> {
  const year = localYear();
  const [counted] = await manager.query<{ last: number }[]>(
    `insert into request_counter values ($1, 1)
     on conflict (year) do update set last = request_counter.last + 1 returning last`,
    [year],
  );
  const facts = { year, number: counted!.last, agencyId, campaignId, createdBy: actor.personId };
  return manager.save(CertificateRequest.draft(facts));
}

/** Adds the lines of a draft. Throws Invalid, NotFound or NotRenewable for one that cannot be asked. */
export async function askLines(
  manager: EntityManager,
  { id, agencyId }: CertificateRequest,
  lines: AskLine[],
): Promise<RequestLine[]> {
  for (const [index, line] of lines.entries()) await mustBeAskable(manager, agencyId, line, index);
  return manager.save(lines.map((line, index) => RequestLine.ask(id, index + 1, line)));
}

interface Sending {
  version: number;
  actor: Actor;
  emit: Emit;
  /** What others found wrong with the lines. */
  faults?: FieldError[];
}

/**
 * Sends a draft to the provider. Throws FormIncomplete naming each field, NotRenewable.
 * The provider's time runs in working days from today.
 */
export async function sendRequest(
  manager: EntityManager,
  request: CertificateRequest,
  lines: RequestLine[],
  { version, actor, emit, faults = [] }: Sending,
) {
  const errors = [...formErrors(await formsToday(manager), lines), ...faults];
  if (errors.length > 0) throw new FormIncomplete(undefined, errors.slice(0, 50));
  for (const [index, line] of lines.entries())
    await mustBeAskable(manager, request.agencyId, asked(line), index);
  request.send(version, await dueToday(manager));
  for (const line of lines) line.send();
  await manager.save([request, ...lines]);
  await keepSteps(
    manager,
    lines.map(({ id, certificateId }) => ({ kind: 'requested', lineId: id, certificateId })),
    actor,
  );
  const { id, agencyId } = request;
  emit(certificateRequestSent, id, { requestId: id, agencyId });
}

const asked = ({ certificateId, ...line }: RequestLine): AskLine => ({
  ...line,
  certificateId: certificateId ?? undefined,
});

async function mustBeAskable(
  manager: EntityManager,
  agencyId: string,
  line: AskLine,
  index: number,
) {
  const wanted = holderOf[line.form];
  if (wanted && wanted !== line.holderKind) {
    const detail = {
      vi: `mẫu ${line.form} không dùng cho loại thuê bao này`,
      en: `form ${line.form} is not for this kind of holder`,
    };
    throw new Invalid([{ pointer: `/lines/${index}/holderKind`, detail }]);
  }
  await mustHold(manager, agencyId, line);
  if (!wanted) await mustBeAbout(manager, agencyId, line, index);
}

interface About {
  daysLeft: number;
  renewals: number;
  minDays: number;
  maxCount: number;
}

/** Forms 04 to 06 are about a certificate of the holder; one to renew must still be renewable. */
async function mustBeAbout(
  manager: EntityManager,
  agencyId: string,
  { certificateId, holderId, fields }: AskLine,
  index: number,
) {
  const [about] = await manager.query<About[]>(
    `select floor(extract(epoch from c.not_after - now()) / 86400)::int as "daysLeft", c.renewals,
       policy_number('renewal-min-days') as "minDays", policy_number('renewal-max-count') as "maxCount"
     from certificate c where c.id = $1 and c.agency_id = $2 and c.holder_id = $3`,
    [certificateId ?? null, agencyId, holderId],
  );
  if (!about) {
    const detail = { vi: 'cần chứng thư của thuê bao', en: 'needs a certificate of the holder' };
    throw new Invalid([{ pointer: `/lines/${index}/certificateId`, detail }]);
  }
  if (fields.change !== 'renew') return;
  const { daysLeft, renewals, minDays, maxCount } = about;
  if (daysLeft < minDays) {
    throw new NotRenewable({
      vi: `Chứng thư còn ${daysLeft} ngày; cần còn ít nhất ${minDays} ngày để gia hạn`,
      en: `The certificate has ${daysLeft} days left; a renewal needs at least ${minDays}`,
    });
  }
  if (renewals >= maxCount) {
    throw new NotRenewable({
      vi: `Chứng thư đã gia hạn ${renewals} lần, không gia hạn thêm`,
      en: `The certificate was renewed ${renewals} times and is renewed no more`,
    });
  }
}
