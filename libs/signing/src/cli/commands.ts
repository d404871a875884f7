import { SignedData } from '../cms/signed-data.js';
import { tokenOf } from '../cms/time-stamp.js';
import { verifyCades } from '../cms/verify-cades.js';
import { verifyTimeStamp } from '../cms/verify-time-stamp.js';
import { type Failure, failure } from '../failures.js';
import { type DigestName, digestLengths } from '../x509/algorithms.js';
import { Certificate } from '../x509/certificate.js';
import { OcspResponse } from '../x509/ocsp.js';
import { Revocation } from '../x509/revocation.js';
import { verifyOcsp } from '../x509/verify-ocsp.js';
import { verifyPath } from '../x509/verify-path.js';
import { bytesIn, flag, type Input, InputError, mustBytes, pathInputs, timeIn } from './inputs.js';
import { verifySignatureCommand } from './verify-signature.js';
import { cadesOutput, certificateOutput, pathOutput, verdictOf } from './outputs.js';

/** Answers one question. Throws `InputError` for a question of another form. */
export type Command = (input: Input) => object | Promise<object>;

const malformed = (one: Failure) => ({ verdict: 'invalid', reasons: [one] });

function readTarget(input: Input): Certificate | Failure {
  try {
    return Certificate.read(mustBytes(input, 'certificate'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    return failure('malformed-certificate', undefined, (error as Error).message);
  }
}

function verifyPathCommand(input: Input): object {
  const { certificates, anchors, requirements, revocation, revocationOptions, skipped } =
    pathInputs(input);
  const target = readTarget(input);
  if (!(target instanceof Certificate)) return malformed(target);
  const verdict = verifyPath(target, {
    certificates,
    anchors,
    requirements,
    revocation: revocation && new Revocation(revocation, requirements, revocationOptions),
  });
  return { ...pathOutput(verdict), ...(skipped.length > 0 && { skipped }) };
}

function verifyCmsCommand(input: Input): object {
  const { skipped, ...question } = pathInputs(input);
  let signed: SignedData;
  const bytes = mustBytes(input, 'cms');
  try {
    signed = SignedData.read(bytes);
  } catch (error) {
    return malformed(failure('malformed-cms', undefined, (error as Error).message));
  }
  const content = bytesIn(input, 'content');
  const signers = verifyCades(signed, { ...question, content, bound: flag(input, 'bound') });
  if (signers.length === 0) return malformed(failure('no-signer'));
  const reasons = signers.flatMap(({ failures }) => failures);
  return {
    verdict: verdictOf(reasons),
    reasons,
    signers: signers.map(cadesOutput),
    ...(skipped.length > 0 && { skipped }),
  };
}

function verifyTimeStampCommand(input: Input): object {
  const { skipped, requirements, ...question } = pathInputs(input);
  let token: Buffer;
  try {
    token = bytesIn(input, 'token') ?? tokenOf(mustBytes(input, 'response'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    return malformed(failure('time-stamp-malformed', undefined, (error as Error).message));
  }
  const { failures, info, signer } = verifyTimeStamp(token, {
    ...question,
    stamped: stampedIn(input),
    nonce: bytesIn(input, 'requestNonce'),
    policy: input['policy'] as string | undefined,
    // Without a moment of the caller's, the path is judged for the moment that was stamped.
    requirements: { ...requirements, time: timeIn(input, 'time') },
  });
  return {
    verdict: verdictOf(failures),
    reasons: failures,
    ...(info && {
      time: info.time,
      accuracyMs: info.accuracyMs,
      policy: info.policy,
      serial: info.serial.toString('hex'),
    }),
    ...(signer?.certificate && { authority: certificateOutput(signer.certificate) }),
    ...(skipped.length > 0 && { skipped }),
  };
}

function verifyOcspCommand(input: Input): object {
  const { skipped, revocation, revocationOptions, ...question } = pathInputs(input);
  const bytes = { response: mustBytes(input, 'response'), issuer: mustBytes(input, 'issuer') };
  let response: OcspResponse;
  let issuer: Certificate;
  try {
    response = OcspResponse.read(bytes.response);
    issuer = Certificate.read(bytes.issuer);
  } catch (error) {
    return malformed(failure('malformed-ocsp', undefined, (error as Error).message));
  }
  const asked = { ...question, issuer, material: revocation, options: revocationOptions };
  const { failures, statuses } = verifyOcsp(response, asked);
  return {
    // The response itself is in question: one that nobody vouches for is wrong, not incomplete.
    verdict: failures.length === 0 ? 'valid' : 'invalid',
    reasons: failures,
    statuses: statuses.map(({ serial, found }) => ({ serial, ...found })),
    ...(skipped.length > 0 && { skipped }),
  };
}

/** Octets that were stamped, or their digest as `{ "sha256": base64 }`. */
function stampedIn(input: Input): Buffer | ((digest: DigestName) => Buffer) {
  const hashes = input['hash'];
  if (hashes === undefined) return mustBytes(input, 'data');
  const found = new Map(
    Object.keys(hashes as object).map((name) => [name, mustBytes(hashes as Input, name)]),
  );
  return (digest) => found.get(digest) ?? Buffer.alloc(digestLengths[digest]);
}

export const commands: Readonly<Record<string, Command>> = {
  'verify-path': verifyPathCommand,
  'verify-cms': verifyCmsCommand,
  'verify-ocsp': verifyOcspCommand,
  'verify-ts': verifyTimeStampCommand,
  'verify-signature': verifySignatureCommand,
};
