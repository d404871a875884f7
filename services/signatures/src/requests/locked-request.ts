import { NotFound } from '@eoffice/contracts';
import type { EntityManager, FindOptionsWhere } from 'typeorm';
import { CertificateRequest } from './certificate-request.js';

/** The request, locked until the transaction ends: its lines change only under its lock. Throws NotFound. */
export async function lockRequest(
  manager: EntityManager,
  where: FindOptionsWhere<CertificateRequest>,
): Promise<CertificateRequest> {
  const lock = { mode: 'pessimistic_write' } as const;
  const request = await manager.findOne(CertificateRequest, { where, lock });
  if (!request) throw noRequest();
  return request;
}

export const noRequest = () =>
  new NotFound({ vi: 'Không có đề nghị này', en: 'There is no such request' });
