import { anyPolicy } from '../oids.js';
import type { Certificate } from './certificate.js';

/**
 * The certificate policies of a path (RFC 5280, 6.1.2 to 6.1.5), kept as the graph of RFC 9618 and not
 * as a tree: at each depth one node a policy, so that mappings cannot make it grow exponentially.
 *
 * Nothing has to be pruned, because only one depth is kept. Of a node's ancestors only one thing is
 * ever asked: under which policies of the authorities (children of anyPolicy) it lies. Each node
 * carries that set, its `roots`, as a mask of the policies in `authorities`.
 */
interface PolicyNode {
  expected: ReadonlySet<string>;
  roots: bigint;
}

/** What a path starts with (RFC 5280, 6.1.1 (c) to (g)). */
export interface PolicyInputs {
  /** user-initial-policy-set; absent means any policy. */
  policies?: readonly string[];
  explicitPolicy?: boolean;
  inhibitPolicyMapping?: boolean;
  inhibitAnyPolicy?: boolean;
}

export type PolicyFailure = 'policy-required' | 'policy-mapping-of-any' | 'policy-work-limit';

/** Links between nodes that one path may cost. */
const maxLinks = 200_000;

export class PolicyGraph {
  private nodes: Map<string, PolicyNode>;
  private explicitPolicy: number;
  private policyMapping: number;
  private inhibitAny: number;
  private links = 0;
  private readonly authorities: string[] = [];

  /** `length` is n, the number of certificates without the trust anchor. */
  constructor(
    private readonly inputs: PolicyInputs,
    length: number,
  ) {
    this.nodes = new Map([[anyPolicy, { expected: new Set([anyPolicy]), roots: 0n }]]);
    this.explicitPolicy = inputs.explicitPolicy ? 0 : length + 1;
    this.policyMapping = inputs.inhibitPolicyMapping ? 0 : length + 1;
    this.inhibitAny = inputs.inhibitAnyPolicy ? 0 : length + 1;
  }

  /** The basic processing of certificate i: 6.1.3 (d) to (f). `last` tells whether i = n. */
  process(certificate: Certificate, last: boolean): PolicyFailure | undefined {
    const policies = certificate.certificatePolicies?.map(({ policy }) => policy) ?? [];
    const next = new Map<string, PolicyNode>();
    const parentsOf = this.byExpectation();
    for (const policy of policies) {
      if (policy === anyPolicy) continue;
      const parents = parentsOf.get(policy) ?? parentsOf.get(anyPolicy);
      if (parents) next.set(policy, this.child(policy, parents));
    }
    const selfIssued = !last && certificate.selfIssued;
    if (policies.includes(anyPolicy) && (this.inhibitAny > 0 || selfIssued)) {
      for (const [policy, parents] of parentsOf) {
        if (!next.has(policy)) next.set(policy, this.child(policy, parents));
      }
    }
    this.nodes = next;
    if (this.links > maxLinks) return 'policy-work-limit';
    return this.explicitPolicy > 0 || next.size > 0 ? undefined : 'policy-required';
  }

  /** The nodes of this depth by each policy they expect below. */
  private byExpectation(): Map<string, [policy: string, node: PolicyNode][]> {
    const found = new Map<string, [string, PolicyNode][]>();
    for (const entry of this.nodes) {
      for (const policy of entry[1].expected) {
        const others = found.get(policy);
        if (others) others.push(entry);
        else found.set(policy, [entry]);
        this.links++;
      }
    }
    return found;
  }

  private child(policy: string, parents: [policy: string, node: PolicyNode][]): PolicyNode {
    this.links += parents.length;
    let roots = 0n;
    for (const [parent, node] of parents) {
      roots |= node.roots;
      if (parent === anyPolicy && policy !== anyPolicy) roots |= this.rootOf(policy);
    }
    return { expected: new Set([policy]), roots };
  }

  private rootOf(policy: string): bigint {
    const at = this.authorities.indexOf(policy);
    return 1n << BigInt(at < 0 ? this.authorities.push(policy) - 1 : at);
  }

  /** Preparation for certificate i + 1: 6.1.4 (a), (b), (h), (i) and (j). */
  prepare(certificate: Certificate): PolicyFailure | undefined {
    const mappings = certificate.policyMappings ?? [];
    if (mappings.some((pair) => pair.includes(anyPolicy))) return 'policy-mapping-of-any';
    this.map(mappings);
    if (!certificate.selfIssued) {
      this.explicitPolicy = Math.max(0, this.explicitPolicy - 1);
      this.policyMapping = Math.max(0, this.policyMapping - 1);
      this.inhibitAny = Math.max(0, this.inhibitAny - 1);
    }
    this.constrain(certificate);
    return undefined;
  }

  /** 6.1.4 (i) and (j): what the certificate itself demands from here on. */
  constrain(certificate: Certificate) {
    const { policyConstraints, inhibitAnyPolicy = Infinity } = certificate;
    const { requireExplicitPolicy = Infinity, inhibitPolicyMapping = Infinity } =
      policyConstraints ?? {};
    this.explicitPolicy = Math.min(this.explicitPolicy, requireExplicitPolicy);
    this.policyMapping = Math.min(this.policyMapping, inhibitPolicyMapping);
    this.inhibitAny = Math.min(this.inhibitAny, inhibitAnyPolicy);
  }

  private map(mappings: readonly (readonly [string, string])[]) {
    const subjects = new Map<string, Set<string>>();
    for (const [issuer, subject] of mappings) {
      const mapped = subjects.get(issuer);
      if (mapped) mapped.add(subject);
      else subjects.set(issuer, new Set([subject]));
    }
    const any = this.nodes.get(anyPolicy);
    for (const [issuer, expected] of subjects) {
      const node = this.nodes.get(issuer);
      if (this.policyMapping === 0) this.nodes.delete(issuer);
      else if (node) this.nodes.set(issuer, { ...node, expected });
      // The new node is a child of the anyPolicy node above: it is a policy of the authorities.
      else if (any) this.nodes.set(issuer, { expected, roots: this.rootOf(issuer) });
    }
  }

  /** The wrap-up after the last certificate: 6.1.5 (a), (b) and (g). */
  finish(certificate: Certificate): PolicyFailure | undefined {
    this.explicitPolicy = Math.max(0, this.explicitPolicy - 1);
    if (certificate.policyConstraints?.requireExplicitPolicy === 0) this.explicitPolicy = 0;
    const accepted = this.accepted();
    return this.explicitPolicy > 0 || accepted.length > 0 ? undefined : 'policy-required';
  }

  /** The policies of the authorities under which the path is valid; `anyPolicy` for all. */
  authorityPolicies(): string[] {
    if (this.nodes.has(anyPolicy)) return [anyPolicy];
    let roots = 0n;
    for (const node of this.nodes.values()) roots |= node.roots;
    return this.authorities.filter((_, at) => (roots >> BigInt(at)) & 1n);
  }

  /** Those of them that the user accepts. */
  accepted(): string[] {
    const policies = this.authorityPolicies();
    const wanted = this.inputs.policies;
    if (!wanted || wanted.includes(anyPolicy)) return policies;
    return policies[0] === anyPolicy
      ? [...wanted]
      : wanted.filter((policy) => policies.includes(policy));
  }
}
