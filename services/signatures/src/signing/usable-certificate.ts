import { CertificateRefused } from '@eoffice/contracts';
import { DerError } from '@eoffice/signing/asn1/der';
import { Certificate as X509 } from '@eoffice/signing/x509/certificate';
import { prepare as folded } from '@eoffice/signing/x509/names';
import type { EntityManager } from 'typeorm';
import { Certificate } from '../certificates/certificate.js';
import { nameOn } from '../directory/known-organisations.js';
import type { Plan } from './plan.js';

const types = {
  commonName: '2.5.4.3',
  organisation: '2.5.4.10',
  unit: '2.5.4.11',
  title: '2.5.4.12',
};

interface Holder {
  agency: string;
  shortAgency: string;
  fullName: string | null;
  titles: string[];
}

/**
 * The registered certificate of whoever signs by this plan, if it is in use and about them as they
 * are today (Nghị định 68/2024/NĐ-CP, Art. 7: it states position and agency). A difference stops the
 * signature; it is no warning. Throws CertificateRefused.
 */
export async function usableCertificate(
  manager: EntityManager,
  plan: Pick<Plan, 'kind' | 'agencyId' | 'personId'>,
  id: string | null,
): Promise<X509> {
  const row = id ? await manager.findOneBy(Certificate, { id }) : null;
  const [kind, holderId] =
    plan.kind === 'personal' ? ['person', plan.personId] : ['agency', plan.agencyId];
  const theirs =
    row?.holderKind === kind && row.holderId === holderId && row.agencyId === plan.agencyId;
  if (!theirs) {
    throw refused('Chứng thư không phải của người, cơ quan ký', 'It is not the signer’s');
  }
  mustBeInUse(row);
  await mustFit(manager, row.id);
  const certificate = readX509(row.pem);
  mustName(certificate, await holderOf(manager, plan), kind === 'person');
  return certificate;
}

function mustBeInUse({ revokedAt, blockedAt, notBefore, notAfter }: Certificate) {
  const now = new Date();
  if (revokedAt) throw refused('Chứng thư đã bị thu hồi', 'It was revoked');
  if (blockedAt) throw refused('Chứng thư đang bị khóa', 'It is blocked here');
  if (notAfter <= now) throw refused('Chứng thư đã hết hạn', 'It has expired');
  if (notBefore > now) throw refused('Chứng thư chưa có hiệu lực', 'It is not valid yet');
}

/** What the directory says happened to the holder since it was issued. */
async function mustFit(manager: EntityManager, id: string) {
  const [misfit] = await manager.query<{ vi: string; en: string }[]>(
    `select g.title as vi, g.title_en as en from misfit m join misfit_ground g on g.code = m.ground
     where m.certificate_id = $1 and m.effective_on <= local_day() limit 1`,
    [id],
  );
  if (misfit) throw refused(misfit.vi, misfit.en);
}

/** A registered certificate as the strict reader sees it. Throws CertificateRefused. */
export function readX509(pem: string): X509 {
  try {
    return X509.read(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw refused('Chứng thư sai cấu trúc', `It is malformed: ${error.message}`.slice(0, 200));
  }
}

async function holderOf(
  manager: EntityManager,
  { agencyId, personId }: Pick<Plan, 'agencyId' | 'personId'>,
): Promise<Holder> {
  const [holder] = await manager.query<Holder[]>(
    `select ${nameOn('$1::uuid')} as agency,
       ${nameOn('$1::uuid').replace('select named.name', 'select named.short_name')} as "shortAgency",
       (select full_name from known_person where person_id = $2) as "fullName",
       array(select t.title from known_assignment a join known_post t using (post_id)
         where a.person_id = $2 and a.agency_id = $1
           and a.valid_from <= local_day() and (a.valid_to is null or a.valid_to >= local_day())
       ) as titles`,
    [agencyId, personId],
  );
  return holder!;
}

function mustName({ subject }: X509, holder: Holder, person: boolean) {
  const said = (type: string) => subject.textsOf(type).map(folded);
  const [names, titles] = [said(types.commonName), said(types.title)];
  const agencies = [...said(types.organisation), ...said(types.unit), ...(person ? [] : names)];
  const known = [holder.agency, holder.shortAgency].map(folded);
  if (!agencies.some((each) => known.includes(each))) {
    throw refused(
      `Chứng thư không ghi tên cơ quan ${holder.agency}`,
      `It does not name the agency ${holder.agency}`,
    );
  }
  if (!person) return;
  if (!names.includes(folded(holder.fullName ?? ''))) {
    throw refused(
      `Chứng thư không ghi tên ${holder.fullName}`,
      `It does not name ${holder.fullName}`,
    );
  }
  const held = holder.titles.map(folded);
  const other = titles.find((title) => !held.includes(title));
  if (other !== undefined) {
    throw refused(
      `Chức vụ ghi trong chứng thư không phải chức vụ hiện giữ`,
      `It states a position that is not held today: ${other}`,
    );
  }
}

const refused = (vi: string, en: string) => new CertificateRefused({ vi, en });
