import type { CertificateRequest as CertificateRequestReply } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import type { CertificateRequest } from './certificate-request.js';
import { faultsOf, formsToday, masked } from './forms.js';
import { RequestLine } from './request-line.js';

/** A request as it is shown: personal data masked, and what each form still lacks. */
export async function shownRequest(
  manager: EntityManager,
  request: CertificateRequest,
): Promise<CertificateRequestReply> {
  const { id, reference } = request;
  const forms = await formsToday(manager);
  const lines = await manager.find(RequestLine, {
    where: { requestId: id },
    order: { ordinal: 'ASC' },
  });
  return {
    ...(request as object as CertificateRequestReply),
    reference,
    lines: lines.map((line) => ({
      ...(line as object as CertificateRequestReply['lines'][number]),
      reference: `${reference}/${line.ordinal}`,
      fields: masked(line.fields),
      missing: faultsOf(forms.get(line.form)!, line.fields).map(({ name }) => name),
    })),
  };
}
