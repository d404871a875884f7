import { randomUUID } from 'node:crypto';
import {
  type Caller,
  certificatePolicies,
  type CertificatePolicies,
  CertificatePolicy,
  certificatePolicyChanged,
  Conflict,
  type EnactCertificatePolicy,
  type EndCertificatePolicy,
  NotFound,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';

const permission = 'signatures.keep-policies';

/** Serves the numbers that alarms and limits of certificates rest on. */
@Serves(certificatePolicies)
export class Policies {
  constructor(private readonly database: Database) {}

  async list(): Promise<CertificatePolicies> {
    const items = await this.database.query<CertificatePolicy>(
      `select ${columnsOf(CertificatePolicy)} from certificate_policy
       order by code, valid_from desc, value desc limit 1000`,
    );
    return { items };
  }

  enact(input: EnactCertificatePolicy, caller: Caller): Promise<CertificatePolicy> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const { code, value, validFrom } = input;
      const known = await manager.query<unknown[]>(
        'select 1 from certificate_policy where code = $1 and value = $2 and valid_from = $3',
        [code, value, validFrom],
      );
      if (known.length > 0) throw new Conflict();
      const policy = { id: randomUUID(), ...input };
      await keep(manager, 'certificate_policy', ['id'], CertificatePolicy, policy);
      emit(certificatePolicyChanged, policy.id, { policyId: policy.id });
      return policy;
    });
  }

  end({ id, validTo }: EndCertificatePolicy, caller: Caller): Promise<CertificatePolicy> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const [policy] = await manager.query<CertificatePolicy[]>(
        `select ${columnsOf(CertificatePolicy)} from certificate_policy where id = $1 for update`,
        [id],
      );
      if (!policy) throw new NotFound();
      await manager.query('update certificate_policy set valid_to = $2 where id = $1', [
        id,
        validTo,
      ]);
      emit(certificatePolicyChanged, id, { policyId: id });
      return { ...policy, validTo };
    });
  }
}
