import { extensions } from '../oids.js';
import type { Certificate } from './certificate.js';
import type { CertificateList } from './crl.js';
import type { DistributionPoint } from './extensions.js';
import { type GeneralName, sameGeneralName } from './general-names.js';
import { relativeKey } from './names.js';
import { type CertificateStatus, crlReasons, type StatusSource } from './status.js';

/** ReasonFlags of RFC 5280, 4.2.1.13, without the unused bit. */
const allReasons = 0x1fe;

export interface CrlQuestion {
  certificate: Certificate;
  /** Every CRL at hand. */
  crls: readonly CertificateList[];
  /** The moment at which CRLs must be current. */
  time: Date;
  /** Whether CRLs must have what RFC 5280, 5.2.1 and 5.2.3, asks of their issuers. */
  strict: boolean;
  /**
   * Who signed the CRL, if they may (6.3.3 (f) and (g)): a mark of the key, the same for the same key.
   * Otherwise why they may not.
   */
  signer(crl: CertificateList): { key: object } | { why: string };
}

/**
 * The status of a certificate by CRLs (RFC 5280, 6.3.3): through its distribution points, then through
 * CRLs of its issuer. It is good only when current CRLs have spoken for every reason.
 */
export function statusByCrls(question: CrlQuestion): CertificateStatus {
  return new CrlProcessing(question).run();
}

interface Found {
  crl: CertificateList;
  delta?: CertificateList;
}

class CrlProcessing {
  private reasons = 0;
  private readonly why = new Set<string>();
  private readonly used: CertificateList[] = [];
  // Of each CRL used, the delta that brings it up to date or the CRL itself.
  private readonly effective: CertificateList[] = [];

  constructor(private readonly question: CrlQuestion) {}

  run(): CertificateStatus {
    const { certificate } = this.question;
    const points = certificate.crlDistributionPoints ?? [];
    // Last, any CRL of the issuer itself: as if a point had its name and nothing else (6.3.3, end).
    const own: GeneralName = {
      form: 'directory',
      name: certificate.issuer,
      der: certificate.issuer.der,
    };
    for (const point of [...points, { fullName: [own] }]) {
      for (const found of this.crlsFor(point)) {
        const revoked = this.consult(found, point);
        if (revoked) return revoked;
        if (this.reasons === allReasons) return this.good();
      }
    }
    if (this.reasons !== 0) this.why.add('not every reason is covered by a current CRL');
    else if (this.why.size === 0) this.why.add('no CRL of its issuer');
    return { status: 'unknown', why: [...this.why].slice(0, 20) };
  }

  private good(): CertificateStatus {
    const thisUpdate = new Date(Math.min(...this.effective.map((one) => +one.thisUpdate)));
    const nextUpdate = new Date(Math.min(...this.effective.map((one) => +one.nextUpdate!)));
    return { status: 'good', source: this.source(), thisUpdate, nextUpdate };
  }

  private source(): StatusSource {
    return {
      kind: 'crl',
      issuer: [...new Set(this.used.map(({ issuer }) => issuer.toString()))].join('; '),
      fingerprints: this.used.map(({ fingerprint }) => fingerprint),
    };
  }

  /** Complete CRLs in the scope of the point, the newest first, each with its newest delta. */
  private crlsFor(point: DistributionPoint): Found[] {
    return this.question.crls
      .filter((crl) => !crl.delta && this.inScope(crl, point))
      .sort((a, b) => +b.thisUpdate - +a.thisUpdate)
      .map((crl) => ({ crl, delta: this.deltaFor(crl) }))
      .filter((found) => this.current(found));
  }

  /** 6.3.3 (b): issuer, name of the point, and kind of certificate. */
  private inScope(crl: CertificateList, point: DistributionPoint): boolean {
    const { certificate } = this.question;
    const issuers = point.crlIssuer ? directoryNames(point.crlIssuer) : [certificate.issuer];
    if (!issuers.some((name) => name.equals(crl.issuer))) return false;
    if (crl.unusable) return this.refuse(`a CRL is unusable: ${crl.unusable}`);
    const violation = this.question.strict && crl.profileViolation;
    if (violation) return this.refuse(violation);
    const scope = crl.issuingDistributionPoint;
    if (point.crlIssuer && !scope?.indirect) return this.refuse('a CRL that is not indirect');
    if (!scope) return true;
    if (!this.namesMatch(crl, point)) return this.refuse('a CRL of another distribution point');
    const ca = certificate.basicConstraints?.ca === true;
    if (
      scope.onlyAttributeCertificates ||
      (ca ? scope.onlyUserCertificates : scope.onlyCaCertificates)
    ) {
      return this.refuse('a CRL for other kinds of certificates');
    }
    return true;
  }

  private refuse(why: string): false {
    this.why.add(why);
    return false;
  }

  /** 6.3.3 (b)(2)(i). */
  private namesMatch(crl: CertificateList, point: DistributionPoint): boolean {
    const scope = crl.issuingDistributionPoint!;
    if (!scope.fullName && !scope.relative) return true;
    const { certificate } = this.question;
    const base = point.crlIssuer ? directoryNames(point.crlIssuer)[0] : certificate.issuer;
    const ofPoint =
      point.relative && base
        ? [relativeKey(base, point.relative)]
        : (point.fullName ?? point.crlIssuer ?? []);
    const ofScope = scope.relative
      ? [relativeKey(crl.issuer, scope.relative)]
      : (scope.fullName ?? []);
    return ofScope.some((one) => ofPoint.some((other) => sameName(one, other)));
  }

  /** 6.3.3 (c): a current delta for this very CRL. */
  private deltaFor(crl: CertificateList): CertificateList | undefined {
    const { crls, time } = this.question;
    return crls
      .filter((delta) => delta.delta && !delta.unusable && changes(delta, crl))
      .filter(
        ({ thisUpdate, nextUpdate }) => thisUpdate <= time && nextUpdate && time <= nextUpdate,
      )
      .sort((a, b) => (a.crlNumber! < b.crlNumber! ? 1 : -1))[0];
  }

  /** 6.3.3 (a): the CRL, or the delta that brings it up to date, is current. */
  private current({ crl, delta }: Found): boolean {
    const { time, certificate } = this.question;
    if (crl.thisUpdate > time) return this.refuse('a CRL from later');
    const { nextUpdate, thisUpdate } = delta ?? crl;
    if (!nextUpdate) return this.refuse('a CRL that does not say when the next comes');
    if (time > nextUpdate) return this.refuse('a CRL that is out of date');
    // Expired certificates leave the list, unless it says that they stay (5.1, 3.3 of X.509 too).
    const kept = crl.expiredCertificatesFrom;
    if (thisUpdate > certificate.notAfter && !(kept && kept <= certificate.notAfter)) {
      return this.refuse('a CRL from after the certificate expired');
    }
    return true;
  }

  /** 6.3.3 (d) to (l). */
  private consult({ crl, delta }: Found, point: DistributionPoint): CertificateStatus | undefined {
    const some = crl.issuingDistributionPoint?.onlySomeReasons ?? allReasons;
    const interim = some & (point.reasons ?? allReasons) & allReasons;
    if ((interim & ~this.reasons) === 0) return undefined;
    const signer = this.question.signer(crl);
    if ('why' in signer) return void this.why.add(signer.why);
    const change = delta && this.sameSigner(delta, signer.key) ? delta : undefined;
    if (!change && !this.current({ crl })) return undefined;
    const { certificate } = this.question;
    const find = (list?: CertificateList) => list?.find(certificate.issuer, certificate.serial);
    const changed = find(change);
    const entry = changed ?? find(crl);
    if (entry === 'malformed' || changed === 'malformed') {
      return void this.why.add('a CRL whose entry is malformed');
    }
    this.used.push(crl, ...(change ? [change] : []));
    this.effective.push(change ?? crl);
    if (entry && !(changed && changed.reason === removeFromCrl)) {
      const { revokedAt: at, reason, invalidSince } = entry;
      return {
        status: 'revoked',
        at,
        ...(reason !== undefined && { reason: crlReasons[reason] }),
        ...(invalidSince && { invalidSince }),
        source: this.source(),
      };
    }
    this.reasons |= interim;
    return undefined;
  }

  /** 6.3.3 (h): a delta must be signed with the key of its complete CRL. */
  private sameSigner(delta: CertificateList, key: object): boolean {
    const signer = this.question.signer(delta);
    if ('key' in signer && signer.key === key) return true;
    return this.refuse('a delta CRL signed by another key');
  }
}

const removeFromCrl = 8;

const directoryNames = (names: GeneralName[]) =>
  names.flatMap((name) => (name.form === 'directory' ? [name.name] : []));

/** Names of points; a relative name has been made the key of a whole one. */
function sameName(one: GeneralName | string, other: GeneralName | string): boolean {
  if (typeof one !== 'string' && typeof other !== 'string') return sameGeneralName(one, other);
  return keyOf(one) !== undefined && keyOf(one) === keyOf(other);
}

function keyOf(name: GeneralName | string): string | undefined {
  if (typeof name === 'string') return name;
  return name.form === 'directory' ? name.name.key : undefined;
}

/** Whether a delta may be combined with a complete CRL (RFC 5280, 5.2.4 and 6.3.3 (c)). */
function changes(delta: CertificateList, crl: CertificateList): boolean {
  const scope = (one: CertificateList) =>
    one.extensions.get(extensions.issuingDistributionPoint)?.value.toString('hex');
  const key = (one: CertificateList) => one.authorityKeyIdentifier?.keyIdentifier?.toString('hex');
  const number = crl.crlNumber;
  return (
    delta.issuer.equals(crl.issuer) &&
    scope(delta) === scope(crl) &&
    key(delta) === key(crl) &&
    number !== undefined &&
    delta.crlNumber !== undefined &&
    delta.baseCrlNumber! <= number &&
    number < delta.crlNumber
  );
}
