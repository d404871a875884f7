import { SignInRules } from '@eoffice/contracts';
import { columnsOf } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';

/** The rules of passwords, accounts and failed sign-ins that hold today. */
export async function rulesOf(manager: EntityManager): Promise<SignInRules> {
  const [rules] = await manager.query<SignInRules[]>(
    `select ${columnsOf(SignInRules)} from sign_in_rules`,
  );
  return rules!;
}
