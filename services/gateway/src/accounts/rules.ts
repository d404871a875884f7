import {
  type Caller,
  Conflict,
  Invalid,
  SignInRules,
  signInRules,
  signInRulesChanged,
  type SignInRulesHistory,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';

/** Serves the rules of sign-in: a row a day they begin, none ever changed. */
@Serves(signInRules)
export class KeptSignInRules {
  constructor(private readonly database: Database) {}

  async list(): Promise<SignInRulesHistory> {
    const items = await this.database.query<SignInRules>(
      `select ${columnsOf(SignInRules)} from sign_in_policy order by valid_from desc limit 500`,
    );
    return { items };
  }

  enact(rules: SignInRules, caller: Caller): Promise<SignInRules> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting('accounts.keep-rules', everywhere);
      const { validFrom } = rules;
      if (validFrom < localDay()) {
        const detail = { vi: 'không được ở quá khứ', en: 'must not be in the past' };
        throw new Invalid([{ pointer: '/validFrom', detail }]);
      }
      const known = await manager.query<unknown[]>(
        'select 1 from sign_in_policy where valid_from = $1',
        [validFrom],
      );
      if (known.length > 0) {
        throw new Conflict({
          vi: 'Đã có quy định bắt đầu từ ngày này; hãy chọn ngày khác',
          en: 'There are rules from this day on already; take another day',
        });
      }
      await keep(manager, 'sign_in_policy', ['validFrom'], SignInRules, rules);
      emit(signInRulesChanged, validFrom, { validFrom });
      return rules;
    });
  }
}
