// Reads and judges what strangers signed, in a thread of its own that `validators.ts` watches and
// ends: the event loop of the service never waits for a hostile file.
import { parentPort } from 'node:worker_threads';
import { attributeTypes } from '@eoffice/signing/oids';
import { diagnose } from '@eoffice/signing/validation/diagnose';
import { report } from '@eoffice/signing/validation/report';
import { reportXml } from '@eoffice/signing/validation/report-xml';
import { Certificate } from '@eoffice/signing/x509/certificate';

const maxSignatures = 100;
const maxFactsCharacters = 48 * 1024 * 1024;

class TooComplex extends Error {
  name = 'TooComplex';
}

/** Facts as they are kept: JSON text. */
function factsText(facts) {
  if (facts.signatures.length > maxSignatures) throw new TooComplex('more than 100 signatures');
  const text = JSON.stringify(facts);
  if (text.length > maxFactsCharacters) throw new TooComplex('more facts than can be kept');
  return text;
}

const certificatesOf = (list) =>
  list.map((base64) => Certificate.read(Buffer.from(base64, 'base64')));

/** Rules as they are kept, with the moments that JSON keeps as text. */
function policyOf(text) {
  const policy = JSON.parse(text);
  const revived = policy.algorithms.map((rule) =>
    rule.until === undefined ? rule : { ...rule, until: new Date(rule.until) },
  );
  return { ...policy, algorithms: revived };
}

/** The common name of a certificate, to be called by. */
const nameOf = (base64) =>
  Certificate.read(Buffer.from(base64, 'base64')).subject.textsOf(attributeTypes.commonName).at(-1);

const acts = {
  diagnose: ({ document, content, certificates }) => {
    const options = { content, certificates: certificatesOf(certificates) };
    return factsText(diagnose(document, options));
  },
  judge: ({ facts: text, policy: rules, at, form }) => {
    const facts = JSON.parse(text);
    const answer = report(facts, policyOf(rules), new Date(at));
    if (form === 'json') return JSON.stringify(answer);
    if (form === 'xml') return reportXml(answer, facts);
    const names = {};
    for (const { signer } of answer.signatures) {
      if (signer) names[signer.fingerprint] = nameOf(facts.certificates[signer.fingerprint]);
    }
    return { policyDigest: answer.policyDigest, signatures: answer.signatures, names };
  },
};

parentPort.on('message', ({ act, input }) => {
  try {
    parentPort.postMessage({ value: acts[act](input) });
  } catch (error) {
    const { name, code, fault, message } = error;
    parentPort.postMessage({ error: { name, code: code ?? fault, message: String(message) } });
  }
});

parentPort.postMessage('ready');
