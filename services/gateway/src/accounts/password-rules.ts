import { PasswordReused, type Sentence, WeakPassword } from '@eoffice/contracts';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import type { AccountRow } from './account.js';
import { fits } from './passwords.js';
import { rulesOf } from './sign-in-rules.js';

/** Whose password it is to be; an account that does not exist yet has no id. */
type Owner = Pick<AccountRow, 'username' | 'totp_confirmed'> & { id?: string };

const common = ['password', 'matkhau', '123456', 'qwerty', 'abcdef', 'eoffice', 'lamdong'];

/**
 * Refuses a password that is short, repeats itself, holds the user name or was used not long ago.
 * Takes a quarter of a second: never inside a transaction. Throws WeakPassword or PasswordReused.
 */
export async function mustBeAllowed(manager: EntityManager, password: string, owner: Owner) {
  const rules = await rulesOf(manager);
  const least = owner.totp_confirmed ? rules.passwordLengthWithSecondFactor : rules.passwordLength;
  if ([...password].length < least) {
    refuse({ vi: `cần ít nhất ${least} ký tự`, en: `needs at least ${least} characters` });
  }
  mustBeStrong(password, owner.username);
  if (!owner.id) return;
  const past = await manager.query<{ password_hash: string }[]>(
    `select password_hash from past_password where account_id = $1
     order by set_at desc limit $2`,
    [owner.id, rules.passwordsRemembered],
  );
  for (const { password_hash } of past) {
    if (await fits(password, password_hash)) {
      const { passwordsRemembered: count } = rules;
      throw new PasswordReused({
        vi: `không được dùng lại ${count} mật khẩu gần nhất`,
        en: `the last ${count} passwords cannot be used again`,
      });
    }
  }
}

function mustBeStrong(password: string, username: string) {
  const folded = fold(password).replaceAll(' ', '');
  const own = fold(username.split('@')[0]!);
  if (new Set(folded).size < 6) {
    refuse({ vi: 'cần ít nhất 6 ký tự khác nhau', en: 'needs at least 6 different characters' });
  }
  if (own.length > 3 && folded.includes(own)) {
    refuse({ vi: 'không được chứa tên đăng nhập', en: 'must not hold the user name' });
  }
  if (common.some((word) => folded.startsWith(word) && folded.length < word.length + 8)) {
    refuse({ vi: 'nằm trong danh sách dễ đoán', en: 'is on the list of common ones' });
  }
}

function refuse(detail: Sentence): never {
  throw new WeakPassword(detail);
}

/** Keeps the hash of a new password as the present one, and as one not to be used again. */
export async function keepPassword(manager: EntityManager, accountId: string, hash: string) {
  await manager.query(
    'update account set password_hash = $2, password_changed_at = now() where id = $1',
    [accountId, hash],
  );
  await manager.query('insert into past_password (account_id, password_hash) values ($1, $2)', [
    accountId,
    hash,
  ]);
  await manager.query(
    `delete from past_password where ctid in (
       select ctid from past_password where account_id = $1 order by set_at desc
       offset (select passwords_remembered from sign_in_rules))`,
    [accountId],
  );
}
