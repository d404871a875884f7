import { Injectable } from '@nestjs/common';
import {
  type Caller,
  type FieldError,
  mailboxes,
  type Sentence,
  type SubscriberFields,
} from '@eoffice/contracts';
import { clientOf } from '@eoffice/platform/client-of';
import { Services } from '@eoffice/platform/services';

/** Of one question to the mail service. */
const mostAtOnce = 200;
const mostErrors = 50;

/** Asks the mail service which addresses of forms are those of private providers. */
@Injectable()
export class OfficialAddresses {
  constructor(private readonly services: Services) {}

  /**
   * What is wrong with the official addresses that lines name, as errors of an input. Throws Unavailable
   * or NoAnswer when nobody can tell: what cannot be judged does not go out.
   */
  async faultsIn(
    lines: { fields: SubscriberFields; named?: string }[],
    caller: Caller,
  ): Promise<FieldError[]> {
    const given = [...new Set(lines.flatMap(({ fields }) => fields.email ?? []))];
    const refused = new Set<string>();
    for (let from = 0; from < given.length; from += mostAtOnce) {
      const addresses = given.slice(from, from + mostAtOnce);
      const { items } = await clientOf(mailboxes, this.services).check({ addresses }, caller);
      for (const { given: address, verdict } of items)
        if (verdict === 'private' || verdict === 'malformed') refused.add(address);
    }
    return lines
      .flatMap(({ fields: { email }, named }, index) =>
        email && refused.has(email)
          ? [{ pointer: `/lines/${index}/fields/email`, detail: sentenceOf(email, named) }]
          : [],
      )
      .slice(0, mostErrors);
  }
}

function sentenceOf(email: string, named?: string): Sentence {
  const who = named ? `${named}: ` : '';
  return {
    vi: `${who}“${email}” không phải thư công vụ: không dùng hộp thư riêng`,
    en: `${who}“${email}” is no official address: private mailboxes are not used`,
  };
}
