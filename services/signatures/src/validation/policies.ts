import { randomUUID } from 'node:crypto';
import {
  type Caller,
  Conflict,
  type EndValidationPolicy,
  type EnactValidationPolicy,
  NotFound,
  planOf,
  validationPolicies,
  validationPolicyChanged,
  type ValidationPolicyList,
  type ValidationPolicyRow,
  ValidationRules,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';

const permission = 'signatures.keep-policies';
const columns = `id, name, rules, valid_from as "validFrom", valid_to as "validTo",
  legal_basis as "legalBasis"`;

type Row = Omit<ValidationPolicyRow, keyof ValidationRules> & { rules: ValidationRules };

/** Keeps the rules by which signatures are validated. */
@Serves(validationPolicies)
export class ValidationPolicies {
  constructor(private readonly database: Database) {}

  async list(): Promise<ValidationPolicyList> {
    const rows = await this.database.query<Row>(
      `select ${columns} from validation_policy order by name, valid_from desc limit 200`,
    );
    return { items: rows.map(shown) };
  }

  enact(input: EnactValidationPolicy, caller: Caller): Promise<ValidationPolicyRow> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const { name, validFrom, legalBasis } = input;
      const known = await manager.query<unknown[]>(
        'select 1 from validation_policy where name = $1 and valid_from = $2',
        [name, validFrom],
      );
      if (known.length > 0) throw new Conflict();
      const id = randomUUID();
      await manager.query(
        `insert into validation_policy (id, name, rules, valid_from, legal_basis)
         values ($1, $2, $3, $4, $5)`,
        [id, name, JSON.stringify(rulesOf(input)), validFrom, legalBasis],
      );
      emit(validationPolicyChanged, id, { policyId: id });
      return { ...input, id };
    });
  }

  end({ id, validTo }: EndValidationPolicy, caller: Caller): Promise<ValidationPolicyRow> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const [row] = await manager.query<Row[]>(
        `select ${columns} from validation_policy where id = $1 for update`,
        [id],
      );
      if (!row) throw new NotFound();
      await manager.query('update validation_policy set valid_to = $2 where id = $1', [
        id,
        validTo,
      ]);
      emit(validationPolicyChanged, id, { policyId: id });
      return shown({ ...row, validTo });
    });
  }
}

const shown = ({ rules, ...row }: Row): ValidationPolicyRow => ({ ...rules, ...present(row) });

function rulesOf(input: EnactValidationPolicy): ValidationRules {
  const names = [...planOf(ValidationRules).keys()] as (keyof ValidationRules)[];
  return Object.fromEntries(names.map((name) => [name, input[name]])) as unknown as ValidationRules;
}
