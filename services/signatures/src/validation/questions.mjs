// What to ask authorities about the certificates of a document, and how certificates lead up to them.
import { accessMethods } from '@eoffice/signing/oids';
import { ocspRequest } from '@eoffice/signing/x509/ocsp';
import { signatureHolds } from '@eoffice/signing/x509/signature-cache';

const maxDepth = 8;

/** A certificate whose extensions cannot be read leads nowhere. */
function attempt(read, otherwise) {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** Whether a certificate issued another: by name, by key when both say which, and by signature. */
const hasIssued = (issuer, certificate) =>
  attempt(() => {
    if (issuer === certificate || !issuer.subject.equals(certificate.issuer)) return false;
    if (!issuer.basicConstraints?.ca) return false;
    const wanted = certificate.authorityKeyIdentifier?.keyIdentifier;
    const own = issuer.subjectKeyIdentifier;
    const fits = !wanted || !own || wanted.equals(own);
    return fits && signatureHolds(certificate, issuer.publicKey);
  }, false);

/** From a certificate up to a trusted one, or as far as the issuers are known. */
export function climb(start, known, ends) {
  const chain = [start];
  while (!ends.has(chain.at(-1).fingerprint) && chain.length <= maxDepth) {
    const issuer = known.find((one) => hasIssued(one, chain.at(-1)));
    if (!issuer || chain.includes(issuer)) break;
    chain.push(issuer);
  }
  return chain;
}

/**
 * What to ask about a certificate: the status of all below a trusted one. As long as none is reached,
 * only for the next issuer: nobody else decides what the authorities of the list are asked.
 */
export function questionsAbout(certificate, { known, ends, responses, responders, now }) {
  const chain = climb(certificate, known, ends);
  const top = chain.at(-1);
  if (!ends.has(top.fingerprint)) return asked(() => issuerOf(top));
  // Whoever issued a certificate that has ended need not know of it any more.
  const sources = { responses, ofRoot: responders[top.fingerprint] };
  return chain
    .slice(0, -1)
    .flatMap((one, at) =>
      one.notAfter > now ? asked(() => statusOf(one, chain[at + 1], sources)) : [],
    );
}

/** Several places that would do, if there is any. */
const asked = (read) => [attempt(read, [])].filter((alternatives) => alternatives.length > 0);

const addressesOf = (names) => names.flatMap(({ form, text }) => (form === 'uri' ? [text] : []));
const describedAt = ({ authorityInfoAccess = [] }, wanted) =>
  addressesOf(
    authorityInfoAccess.filter(({ method }) => method === wanted).map((one) => one.location),
  );

const issuerOf = (certificate) =>
  describedAt(certificate, accessMethods.caIssuers).map((url) => ({ kind: 'issuer', url }));

/**
 * Where to ask for the status of a certificate: the first that answers will do, unless a responder
 * has answered that it does not know it. The responder that the operator names for the root comes
 * last, for certificates that name no place or only places that do not answer.
 */
function statusOf(certificate, issuer, { responses, ofRoot }) {
  const about = responses.filter(({ serial }) => serial.equals(certificate.serial));
  const unknown = about.length > 0 && about.every(({ status }) => status === 'unknown');
  const body = ocspRequest(certificate, issuer.publicKey).toString('base64');
  const points = (certificate.crlDistributionPoints ?? []).flatMap(({ fullName = [] }) => fullName);
  const responders = unknown ? [] : describedAt(certificate, accessMethods.ocsp);
  return [
    ...responders.map((url) => ({ kind: 'ocsp', url, body })),
    ...addressesOf(points).map((url) => ({ kind: 'crl', url })),
    ...(ofRoot && !unknown ? [{ kind: 'ocsp', url: ofRoot, body }] : []),
  ];
}
