import type { EntityManager } from 'typeorm';

/** The rules of passwords, accounts and failed sign-ins that hold today: a row of `sign_in_policy`. */
export interface SignInRules {
  maxFailures: number;
  lockMinutes: number;
  addressFailures: number;
  addressMinutes: number;
  accessMinutes: number;
  refreshDays: number;
  passwordLength: number;
  passwordLengthWithSecondFactor: number;
  passwordsRemembered: number;
}

export async function rulesOf(manager: EntityManager): Promise<SignInRules> {
  const [rules] = await manager.query<SignInRules[]>(
    `select max_failures as "maxFailures", lock_minutes as "lockMinutes",
       address_failures as "addressFailures", address_minutes as "addressMinutes",
       access_minutes as "accessMinutes", refresh_days as "refreshDays",
       password_length as "passwordLength",
       password_length_with_second_factor as "passwordLengthWithSecondFactor",
       passwords_remembered as "passwordsRemembered"
     from sign_in_rules`,
  );
  return rules!;
}
