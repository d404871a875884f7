import type { Command } from '../cli/commands.js';
import {
  bytesIn,
  type Input,
  InputError,
  listOf,
  mustBytes,
  pathInputs,
  timeIn,
} from '../cli/inputs.js';
import { DerError } from '../asn1/der.js';
import { PdfError } from '../pdf/pdf-error.js';
import { currentAlgorithms } from '../x509/algorithm-policy.js';
import { XmlError } from '../xml/xml-error.js';
import { diagnose } from './diagnose.js';
import type { Diagnostic } from './diagnostic.js';
import type { RevocationRule, ValidationPolicy } from './policy.js';
import { report } from './report.js';
import { reportXml } from './report-xml.js';

/**
 * Validates a document as EN 319 102-1 says, or the facts of an earlier run under another policy.
 * Answers the report; with `facts` or `xml` in `give` also the diagnostic or the report as XML.
 */
function validateCommand(input: Input): object {
  const { certificates, revocation, skipped } = pathInputs(input);
  const detached = (input['detached'] ?? {}) as Input;
  const give = listOf(input, 'give');
  try {
    const facts =
      input['facts'] === undefined
        ? diagnose(mustBytes(input, 'document'), {
            certificates,
            crls: revocation?.crls,
            ocsp: revocation?.ocsp,
            content: bytesIn(input, 'content'),
            xml: {
              detached: (uri = '') =>
                Object.hasOwn(detached, uri) ? mustBytes(detached, uri) : undefined,
            },
            pdf: { password: input['password'] as string | undefined },
          })
        : factsIn(input['facts']);
    const answer = report(facts, policyIn(input), timeIn(input, 'time') ?? new Date());
    return {
      verdict: verdictOf(answer.signatures),
      ...answer,
      ...(give.includes('facts') && { facts }),
      ...(give.includes('xml') && { xml: reportXml(answer, facts) }),
      ...(skipped.length > 0 && { skipped }),
    };
  } catch (error) {
    if (![XmlError, PdfError, DerError].some((kind) => error instanceof kind)) throw error;
    return {
      verdict: 'invalid',
      reasons: [{ code: 'unreadable', detail: (error as Error).message }],
    };
  }
}

/** Valid when every signature is; a document without any is invalid. */
function verdictOf(signatures: { indication: string }[]): 'valid' | 'invalid' | 'indeterminate' {
  const has = (indication: string) => signatures.some((one) => one.indication === indication);
  if (signatures.length === 0 || has('TOTAL_FAILED')) return 'invalid';
  return has('INDETERMINATE') ? 'indeterminate' : 'valid';
}

function factsIn(value: unknown): Diagnostic {
  const facts = value as Partial<Diagnostic> | null;
  if (facts?.version !== 1 || !Array.isArray(facts.signatures)) {
    throw new InputError('facts: those of an earlier answer');
  }
  return facts as Diagnostic;
}

/** A whole policy, or one made of the anchors given. */
function policyIn(input: Input): ValidationPolicy {
  const given = (input['policyDocument'] ?? {}) as Partial<ValidationPolicy>;
  if (typeof given !== 'object') throw new InputError('policyDocument: an object');
  const anchors = listOf(input, 'anchors').map((certificate) => ({
    certificate: derIn(certificate),
  }));
  const stampAnchors = listOf(input, 'timeStampAnchors').map((certificate) => ({
    certificate: derIn(certificate),
  }));
  const required: RevocationRule = { required: input['revocation'] !== 'none' };
  return {
    name: 'given',
    signers: [{ name: 'given', anchors }],
    timeStamps: [{ name: 'given', anchors: stampAnchors.length > 0 ? stampAnchors : anchors }],
    algorithms: currentAlgorithms,
    revocation: { signer: required, authorities: required, timeStamps: required },
    requires: [],
    ...given,
  };
}

function derIn(value: unknown): string {
  if (typeof value !== 'string') throw new InputError('anchors: certificates');
  return mustBytes({ certificate: value }, 'certificate').toString('base64');
}

/** Commands about validation, for the program of the library. */
export const validationCommands: Readonly<Record<string, Command>> = { validate: validateCommand };
