import { earliestEnd } from './algorithm-ends.js';
import type { Role } from './chains.js';
import { type Conclusion, open } from './indications.js';
import { algorithmsIn, isFresh, type Judge, type KnownChain } from './judge.js';
import type { Proofs } from './proofs.js';
import type { StatusFact } from './revocation-facts.js';

/**
 * Validation time sliding (EN 319 102-1 clause 5.6.2.2): going down from the anchor, how late the
 * chain can be shown to have been good with what is proven to be old enough. Answers the control
 * time, before which a signature must be proven to have existed, or why there is none.
 */
export function slide(
  judge: Judge,
  chain: KnownChain,
  role: Role,
  proofs: Proofs,
): Date | Conclusion {
  let control =
    chain.trustedUntil && chain.trustedUntil < judge.now ? chain.trustedUntil : judge.now;
  const lower = (time: Date) => {
    if (time < control) control = time;
  };
  for (const [certificate, uses] of algorithmsIn(chain)) {
    const { fingerprint, notAfter } = certificate;
    if (proofs.of(fingerprint) > control) return open('NO_POE', { certificate: fingerprint });
    const rule = judge.ruleFor(certificate, chain, role);
    if (rule.required && !certificate.ocspNoCheck) {
      const fact = newest(judge, chain.statuses.get(fingerprint)!, proofs, control);
      if (!fact) return open('NO_POE', { certificate: fingerprint, detail: 'revocation data' });
      if (fact.status === 'revoked') lower(fact.revokedAt!);
      else if (!isFresh(fact, rule, control)) lower(fact.issued);
      lowerToEnd(judge, fact.algorithms, lower);
    }
    lower(notAfter);
    lowerToEnd(judge, uses, lower);
  }
  return control;
}

/** The latest status that is proven to have existed by then, from a source still good at the time. */
function newest(
  judge: Judge,
  facts: readonly StatusFact[],
  proofs: Proofs,
  control: Date,
): StatusFact | undefined {
  const usable = facts.filter((fact) => {
    const proven = new Date(Math.max(...fact.evidence.map((one) => +proofs.of(one))));
    return fact.issued <= control && proven <= control && !judge.unreliable(fact, proven);
  });
  return (
    usable.filter(({ status }) => status === 'revoked')[0] ??
    usable.sort((a, b) => +b.issued - +a.issued)[0]
  );
}

function lowerToEnd(
  { policy }: Judge,
  uses: Parameters<typeof earliestEnd>[1],
  lower: (time: Date) => void,
): void {
  const { end } = earliestEnd(policy.algorithms, uses);
  if (Number.isFinite(end)) lower(new Date(end));
}
