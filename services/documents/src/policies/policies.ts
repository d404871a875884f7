import { randomUUID } from 'node:crypto';
import {
  type Caller,
  DeadlinePolicy,
  type EnactPolicy,
  type EndPolicy,
  Invalid,
  NotFound,
  policies,
  type Policies as PoliciesReply,
  policyChanged,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { mayKeep } from './may-keep.js';

/** Serves the rows that deadlines come from. */
@Serves(policies)
export class Policies {
  constructor(private readonly database: Database) {}

  async list(): Promise<PoliciesReply> {
    const items = await this.database.query<DeadlinePolicy>(
      `select ${columnsOf(DeadlinePolicy)} from deadline_policy order by valid_from desc, id limit 1000`,
    );
    return { items };
  }

  enact(input: EnactPolicy, caller: Caller): Promise<DeadlinePolicy> {
    if (Boolean(input.workingDays) === Boolean(input.workingHours)) {
      const detail = { vi: 'cần số giờ hoặc số ngày', en: 'needs either hours or days' };
      throw new Invalid([{ pointer: '/workingDays', detail }]);
    }
    return this.database.transaction(caller, async (manager, emit) => {
      await mayKeep(manager, caller, input.organisationId);
      const policy = { id: randomUUID(), ...input };
      await keep(manager, 'deadline_policy', ['id'], DeadlinePolicy, policy);
      emit(policyChanged, policy.id, { policyId: policy.id });
      return policy;
    });
  }

  end({ id, validTo }: EndPolicy, caller: Caller): Promise<DeadlinePolicy> {
    return this.database.transaction(caller, async (manager, emit) => {
      const [policy] = await manager.query<DeadlinePolicy[]>(
        `select ${columnsOf(DeadlinePolicy)} from deadline_policy where id = $1 for update`,
        [id],
      );
      if (!policy) throw new NotFound();
      await mayKeep(manager, caller, policy.organisationId);
      await manager.query('update deadline_policy set valid_to = $2 where id = $1', [id, validTo]);
      emit(policyChanged, id, { policyId: id });
      return { ...policy, validTo };
    });
  }
}
