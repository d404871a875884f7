// Reads and judges what strangers signed, in a thread of its own that `validators.ts` watches and
// ends: the event loop of the service never waits for a hostile file.
import { parentPort } from 'node:worker_threads';
import { attributeTypes } from '@eoffice/signing/oids';
import * as encode from '@eoffice/signing/asn1/encode';
import { joined, prepareTimestamp } from '@eoffice/signing/pdf/sign/prepare';
import { addValidationData } from '@eoffice/signing/pdf/sign/validation-data';
import { earliestEnd, usesOfSigned } from '@eoffice/signing/validation/algorithm-ends';
import { diagnose } from '@eoffice/signing/validation/diagnose';
import { Evidence } from '@eoffice/signing/validation/evidence';
import { report } from '@eoffice/signing/validation/report';
import { reportXml } from '@eoffice/signing/validation/report-xml';
import { validate } from '@eoffice/signing/validation/validate';
import { Certificate } from '@eoffice/signing/x509/certificate';
import { CertificateList } from '@eoffice/signing/x509/crl';
import { ocspOids, OcspResponse } from '@eoffice/signing/x509/ocsp';
import { climb, questionsAbout } from './questions.mjs';

const maxSignatures = 100;
/** Room for a time stamp with the certificates of its authority. */
const stampBytes = 32 * 1024;
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

const readers = {
  issuer: (der) => Certificate.read(der),
  crl: (der) => CertificateList.read(der),
  ocsp: (der) => OcspResponse.read(der),
};

/** Until when an answer may be used without asking again. */
function freshUntil(one) {
  if (one instanceof OcspResponse) {
    const ends = one.responses.map(({ nextUpdate }) => nextUpdate);
    return ends.every(Boolean) ? new Date(Math.min(...ends)) : undefined;
  }
  return one.nextUpdate ?? one.notAfter;
}

/** A response as a document stores it: the whole of it, of which the facts keep the inner part. */
const wholeResponse = (basic) =>
  encode.sequence(
    encode.enumerated(0),
    encode.explicit(
      0,
      encode.sequence(encode.oid(ocspOids.basic), encode.octetString(Buffer.from(basic, 'base64'))),
    ),
  );

const octetsOf = (record) => Object.values(record).map((base64) => Buffer.from(base64, 'base64'));

/** The newest time stamp over a whole document. */
function newestArchive({ signatures, timeStamps }) {
  const stamps = signatures.flatMap((one) => one.timeStamps);
  const tokens = stamps
    .filter(({ kind }) => kind === 'archive')
    .map(({ token }) => timeStamps[token]);
  return tokens.sort((a, b) => Date.parse(b.time) - Date.parse(a.time))[0];
}

/** Whether every signer has a status that is newer than the proof of the signature. */
const isRipe = ({ outcomes }) =>
  outcomes.every(({ chain: { target, statuses }, bestTime }) => {
    const known = statuses.get(target.fingerprint);
    return target.ocspNoCheck || !known || known.some(({ issued }) => issued >= bestTime);
  });

const acts = {
  extend: ({ document, facts: text }) => {
    const facts = JSON.parse(text);
    const evidence = {
      certificates: octetsOf(facts.certificates),
      crls: octetsOf(facts.crls),
      ocspResponses: Object.values(facts.ocspResponses).map(wholeResponse),
    };
    const extended = joined(addValidationData(document, evidence));
    const prepared = prepareTimestamp(extended, { contentsBytes: stampBytes });
    return { extended, prepared };
  },
  prospect: ({ facts: text, policy: rules, at }) => {
    const facts = JSON.parse(text);
    const policy = policyOf(rules);
    const stamp = newestArchive(facts);
    const anchors = policy.timeStamps.flatMap((list) => list.anchors);
    const trusted = certificatesOf(anchors.map(({ certificate }) => certificate));
    const known = [...Evidence.of(facts).certificates.values(), ...trusted];
    const roots = new Set(trusted.map(({ fingerprint }) => fingerprint));
    const signer = known.find(({ fingerprint }) => fingerprint === stamp.signer);
    const ends = [earliestEnd(policy.algorithms, stamp.algorithms).end];
    const chain = climb(signer, known, roots);
    for (const [place, issuer] of chain.slice(1).entries()) {
      const { notAfter, signatureAlgorithm } = chain[place];
      const uses = usesOfSigned(signatureAlgorithm, issuer.publicKey);
      ends.push(+notAfter, earliestEnd(policy.algorithms, uses).end);
    }
    return {
      stampedAt: new Date(stamp.time),
      lastsUntil: new Date(Math.min(...ends)),
      ripe: isRipe(validate(facts, policy, new Date(at))),
    };
  },
  wanted: ({ facts: text, policy, responders, at }) => {
    const facts = JSON.parse(text);
    const { signers, timeStamps } = policyOf(policy);
    const anchors = [...signers, ...timeStamps].flatMap((list) => list.anchors);
    const trusted = certificatesOf(anchors.map(({ certificate }) => certificate));
    const evidence = Evidence.of(facts);
    const known = [...evidence.certificates.values(), ...trusted];
    const responses = [...evidence.ocsp.values()].flatMap((one) => one.responses);
    const ends = new Set(trusted.map(({ fingerprint }) => fingerprint));
    const now = new Date(at);
    const signed = [...facts.signatures, ...Object.values(facts.timeStamps)];
    const starts = new Set(signed.map(({ signer }) => signer));
    const wanted = new Map();
    const surroundings = { known, ends, responses, responders, now };
    for (const certificate of known.filter(({ fingerprint }) => starts.has(fingerprint))) {
      for (const question of questionsAbout(certificate, surroundings)) {
        wanted.set(JSON.stringify(question), question);
      }
    }
    return [...wanted.values()];
  },
  add: ({ facts: text, answers }) => {
    const facts = JSON.parse(text);
    const evidence = Evidence.of(facts);
    const until = answers.map(({ kind, body }) => {
      try {
        const one = readers[kind](Buffer.from(body));
        evidence.add(one);
        return freshUntil(one)?.toISOString();
      } catch {
        return null;
      }
    });
    return { facts: factsText({ ...facts, ...evidence.toRecords() }), until };
  },
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
