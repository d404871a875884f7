import { randomUUID } from 'node:crypto';
import {
  type Caller,
  type EnactIssuingPolicy,
  type EndIssuingPolicy,
  issuingPolicies,
  type IssuingPolicies as IssuingPoliciesReply,
  IssuingPolicy,
  issuingPolicyChanged,
  NotFound,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { mayKeep } from './may-keep.js';

/** Serves the rows that say whether issuing waits for signatures. */
@Serves(issuingPolicies)
export class IssuingPolicies {
  constructor(private readonly database: Database) {}

  async list(): Promise<IssuingPoliciesReply> {
    const items = await this.database.query<IssuingPolicy>(
      `select ${columnsOf(IssuingPolicy)} from issuing_policy
       order by valid_from desc, id limit 1000`,
    );
    return { items };
  }

  enact(input: EnactIssuingPolicy, caller: Caller): Promise<IssuingPolicy> {
    return this.database.transaction(caller, async (manager, emit) => {
      await mayKeep(manager, caller, input.organisationId);
      const policy = { id: randomUUID(), ...input };
      await keep(manager, 'issuing_policy', ['id'], IssuingPolicy, policy);
      emit(issuingPolicyChanged, policy.id, { policyId: policy.id });
      return policy;
    });
  }

  end({ id, validTo }: EndIssuingPolicy, caller: Caller): Promise<IssuingPolicy> {
    return this.database.transaction(caller, async (manager, emit) => {
      const [policy] = await manager.query<IssuingPolicy[]>(
        `select ${columnsOf(IssuingPolicy)} from issuing_policy where id = $1 for update`,
        [id],
      );
      if (!policy) throw new NotFound();
      await mayKeep(manager, caller, policy.organisationId);
      await manager.query('update issuing_policy set valid_to = $2 where id = $1', [id, validTo]);
      emit(issuingPolicyChanged, id, { policyId: id });
      return { ...policy, validTo };
    });
  }
}
