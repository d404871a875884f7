import {
  type Anchor,
  NoSuchPolicy,
  type TrustListName,
  trustLists,
  type ValidationRules,
} from '@eoffice/contracts';
import { addDays } from '@eoffice/platform/local-time';
import type { TrustList, ValidationPolicy } from '@eoffice/signing/validation/policy';
import { keyUsages } from '@eoffice/signing/x509/extensions';
import type { EntityManager } from 'typeorm';
import { readAuthorities } from '../trust/read-authorities.js';
import { anchorsFor } from '../trust/trusted.js';

/** The rules and trust lists of a moment, as validation takes them and as they are kept. */
export interface PolicyInForce {
  name: string;
  /** The policy as JSON; its SHA-256 says which rules these were. */
  text: string;
  /** Certificates between roots and signers, DER in base64: a signer may have left them out. */
  intermediates: string[];
  /** Responders that the operator names for roots, by the SHA-256 of the root. */
  responders: Record<string, string>;
}

/** The policy of a name with the trust lists of today. Throws NoSuchPolicy. */
export async function policyInForce(
  manager: EntityManager,
  name = 'general',
): Promise<PolicyInForce> {
  const [row] = await manager.query<{ rules: ValidationRules }[]>(
    `select rules from validation_policy where name = $1 and valid_from <= local_day()
       and (valid_to is null or valid_to >= local_day()) order by valid_from desc limit 1`,
    [name],
  );
  if (!row) throw new NoSuchPolicy();
  const [signing, stamping] = await Promise.all([
    anchorsFor(manager, 'signing'),
    anchorsFor(manager, 'time-stamping'),
  ]);
  const policy = policyOf(name, row.rules, signing, stamping);
  const intermediates = [...signing, ...stamping].flatMap(({ intermediates: pem }) =>
    pem ? readAuthorities(pem).map(({ bytes }) => bytes.toString('base64')) : [],
  );
  const responders = Object.fromEntries(
    [...signing, ...stamping].flatMap(({ fingerprint, ocspUrl }) =>
      ocspUrl ? [[fingerprint, ocspUrl]] : [],
    ),
  ) as Record<string, string>;
  const text = JSON.stringify(policy);
  return { name, text, intermediates: [...new Set(intermediates)], responders };
}

const hourMs = 3_600_000;
const midnight = (day: string) => `${day}T00:00:00+07:00`;
/** The first moment at which what ended on a day no longer holds. */
const endOf = (lastDay: string) => new Date(midnight(addDays(lastDay, 1)));

function policyOf(
  name: string,
  rules: ValidationRules,
  signing: Anchor[],
  stamping: Anchor[],
): ValidationPolicy {
  const revocation = (required: boolean, hours: number | undefined) => ({
    required,
    ...(hours !== undefined && { maxAgeMs: hours * hourMs }),
  });
  return {
    name,
    signers: listsOf(rules.signerLists, signing),
    timeStamps: listsOf(rules.timeStampLists, stamping),
    algorithms: rules.algorithms.map(({ name: algorithm, bits, until }) => ({
      name: algorithm as ValidationPolicy['algorithms'][number]['name'],
      ...(bits !== undefined && { bits }),
      ...(until && { until: endOf(until) }),
    })),
    revocation: {
      signer: revocation(rules.signerStatus, rules.signerMaxAgeHours),
      authorities: revocation(rules.authorityStatus, rules.authorityMaxAgeHours),
      timeStamps: revocation(rules.stamperStatus, rules.stamperMaxAgeHours),
    },
    ...(rules.signerPurposes.length > 0 && { signerPurposes: rules.signerPurposes }),
    // A key for anything but signatures signs nothing (RFC 5280, 4.2.1.3).
    signerKeyUsage: keyUsages.digitalSignature | keyUsages.nonRepudiation,
    requires: rules.requires,
  };
}

/** Always in one order, so that equal rules have equal text. */
function listsOf(wanted: TrustListName[], anchors: Anchor[]): TrustList[] {
  return trustLists
    .filter((list) => wanted.includes(list))
    .map((list) => ({
      name: list,
      anchors: anchors
        .filter((anchor) => anchor.list === list)
        .map(({ pem, validTo }) => ({
          certificate: readAuthorities(pem)[0]!.bytes.toString('base64'),
          ...(validTo && { until: endOf(validTo).toISOString() }),
        })),
    }));
}
