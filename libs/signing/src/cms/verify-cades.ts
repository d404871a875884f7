import { Work } from '../x509/work.js';
import type { SignedData } from './signed-data.js';
import type { SignerInfo } from './signer-info.js';
import { type CmsQuestion, type SignerVerdict, verifyOneSigner } from './verify-cms.js';
import { type TimeStampVerdict, verifyTimeStamp } from './verify-time-stamp.js';

/** A signer's verdict with the moment that it is about. */
export interface CadesVerdict extends SignerVerdict {
  /** When the signature existed: what a time stamp proves, or else the moment of asking. */
  moment: Date;
  /** Whether a sound time stamp proves that moment. */
  proved: boolean;
  timeStamps: TimeStampVerdict[];
}

const maxStamps = 10;

/**
 * Verifies every signature for the moment that its time stamps prove (ETSI EN 319 102-1, 5.5): a
 * certificate that expired or was revoked after it does no harm. `requirements.time` is the moment of
 * asking: time stamps, CRLs and OCSP responses are judged for it.
 */
export function verifyCades(signed: SignedData, question: CmsQuestion): CadesVerdict[] {
  const work = new Work();
  return signed.signers.map((signer) => {
    const timeStamps = stampsOf(signer, question);
    const sound = timeStamps.filter(({ failures }) => failures.length === 0);
    const earliest = Math.min(...sound.map(({ info }) => +info!.time));
    const { time } = question.requirements;
    const proved = sound.length > 0 && earliest <= +time;
    const moment = proved ? new Date(earliest) : time;
    const asked = {
      ...question,
      requirements: { ...question.requirements, time: moment },
      revocationOptions: { at: time, ...defined(question.revocationOptions) },
    };
    const verdict = verifyOneSigner(signer, signed, asked, work);
    return { ...verdict, moment, proved, timeStamps };
  });
}

function stampsOf(signer: SignerInfo, question: CmsQuestion): TimeStampVerdict[] {
  const { time, algorithms, profile, anchorConstraints } = question.requirements;
  const tokens = signer.timeStamps.slice(0, maxStamps);
  return tokens.map((token) =>
    verifyTimeStamp(token, {
      ...question,
      stamped: signer.signature,
      requirements: { time, algorithms, profile, anchorConstraints },
    }),
  );
}

/** Options that are there, as one that is `undefined` must not replace another. */
const defined = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
