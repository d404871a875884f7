import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Said, ValidatedSignature, Verdict } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore, FileTooLarge } from '@eoffice/platform/files';
import type { SignatureReport } from '@eoffice/signing/validation/report';
import { StatusEvidence } from '../evidence/status-evidence.js';
import { type PolicyInForce, policyInForce } from './policy-rows.js';
import { allowanceFor, Validators } from './validators.js';
import { problemOf, shownSignatures, verdictOf } from './verdict.js';

/** What a validation came to, before anything of it is kept. */
export interface Concluded {
  verdict: Verdict;
  at: Date;
  policy: PolicyInForce;
  /** The diagnostic as JSON; absent when the document could not be read. */
  facts?: string;
  signatures: ValidatedSignature[];
  problem?: Said;
  /** Hosts that gave no status. */
  unreached: string[];
}

export const maxDocumentBytes = 100 * 1024 * 1024;
const maxFactsBytes = 64 * 1024 * 1024;

/** Validates documents: facts first, then rules, each in a thread that is watched. */
@Injectable()
export class Validator {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly validators: Validators,
    private readonly evidence: StatusEvidence,
  ) {}

  /** Validates a document under the policy of a name as it is today. Throws NoSuchPolicy. */
  async validate(
    document: Buffer,
    { policy: name, content }: { policy?: string; content?: Buffer } = {},
  ): Promise<Concluded> {
    const policy = await policyInForce(this.database.manager, name);
    try {
      const facts = await this.factsOf(document, content, policy);
      const { facts: all, unreached } = await this.evidence.complete(facts, policy);
      return { ...(await this.judge(all, policy, new Date())), unreached };
    } catch (error) {
      const problem = problemOf(error);
      if (problem) return unreadable(policy, problem);
      throw error;
    }
  }

  /** Validates a stored file; one that is too large is unreadable too. Throws NotFound. */
  async validateStored(file: { sha256: string; size: number }): Promise<Concluded> {
    try {
      return await this.validate(await this.read(file));
    } catch (error) {
      if (!(error instanceof FileTooLarge)) throw error;
      return unreadable(await policyInForce(this.database.manager), error.detail ?? error.title);
    }
  }

  /** Judges facts that are known as of a moment. */
  async judge(facts: string, policy: PolicyInForce, at: Date): Promise<Concluded> {
    const input = { facts, policy: policy.text, at };
    const { signatures, names } = await this.validators.run<{
      signatures: SignatureReport[];
      names: Record<string, string | undefined>;
    }>('judge', input, allowanceFor(facts.length));
    const shown = shownSignatures(signatures, names);
    return { verdict: verdictOf(shown), at, policy, facts, signatures: shown, unreached: [] };
  }

  /** The whole report on facts, as JSON or as ETSI TS 119 102-2 says. */
  report(facts: string, policy: string, at: Date, form: 'json' | 'xml'): Promise<string> {
    return this.validators.run('judge', { facts, policy, at, form }, allowanceFor(facts.length));
  }

  /** Keeps the facts and the rules of a conclusion in the store. Returns their hashes. */
  async keep({ facts, policy }: Concluded) {
    const put = (text: string) =>
      this.files.put(Readable.from([Buffer.from(text)]), { maxBytes: maxFactsBytes });
    const [rules, kept] = await Promise.all([put(policy.text), facts ? put(facts) : undefined]);
    return { policyDigest: rules.sha256, factsDigest: kept?.sha256 };
  }

  /** The content of a stored file. Throws FileTooLarge. */
  async read({ sha256, size }: { sha256: string; size: number }): Promise<Buffer> {
    if (size > maxDocumentBytes) throw new FileTooLarge();
    return buffer(await this.files.open(sha256));
  }

  private factsOf(
    document: Buffer,
    content: Buffer | undefined,
    { intermediates: certificates }: PolicyInForce,
  ): Promise<string> {
    const own = ownMemory(document);
    const allowance = allowanceFor(document.length + (content?.length ?? 0));
    const input = { document: own, content, certificates };
    return this.validators.run<string>('diagnose', input, allowance, [own.buffer]);
  }
}

/** A copy that a thread may take over: small buffers share memory with others. */
function ownMemory(octets: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets);
}

const unreadable = (policy: PolicyInForce, problem: Said): Concluded => ({
  ...{ verdict: 'UNREADABLE', at: new Date(), policy, signatures: [], problem, unreached: [] },
});
