import type { Said, ValidatedSignature, Verdict } from '@eoffice/contracts';
import { nfc } from '@eoffice/platform/text';
import { Fault, TooCostly } from '@eoffice/platform/threads';
import type { SignatureReport } from '@eoffice/signing/validation/report';

/** The least of the states of its signatures: one that fails makes the document fail. */
export function verdictOf(signatures: Pick<ValidatedSignature, 'indication'>[]): Verdict {
  const has = (wanted: Verdict) => signatures.some(({ indication }) => indication === wanted);
  if (signatures.length === 0) return 'NO_SIGNATURE';
  if (has('TOTAL_FAILED')) return 'TOTAL_FAILED';
  return has('INDETERMINATE') ? 'INDETERMINATE' : 'TOTAL_PASSED';
}

/**
 * Text out of a stranger's document as it may be shown: without what is invisible or turns the
 * direction of reading, so that nobody looks like somebody else by that.
 */
export function plain(text: string, max = 300): string {
  const shown = nfc(text.toWellFormed())
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  return [...shown].slice(0, max).join('');
}

/** What is told of each signature, for programs and people. */
export function shownSignatures(
  signatures: SignatureReport[],
  names: Record<string, string | undefined>,
): ValidatedSignature[] {
  return signatures.map(({ signer, timeStamps, steps: _, ...one }) => ({
    ...{ id: plain(one.id), form: one.form, level: one.level, message: one.message },
    ...{ indication: one.indication, subIndication: one.subIndication },
    ...(one.detail && { detail: plain(one.detail, 1_000) }),
    ...(one.at && { at: new Date(one.at) }),
    ...{ bestSignatureTime: new Date(one.bestSignatureTime), proven: Boolean(one.provenBy) },
    ...(momentOf(one.claimedTime) && { claimedTime: momentOf(one.claimedTime) }),
    ...(signer && { signer: shownSigner(signer, names[signer.fingerprint]) }),
    timeStamps: timeStamps
      .slice(0, 100)
      .map(({ kind, time, indication, subIndication, message }) => ({
        ...{ kind, indication, subIndication, message },
        ...(time && { time: new Date(time) }),
      })),
  }));
}

function shownSigner(signer: NonNullable<SignatureReport['signer']>, name: string | undefined) {
  const { subject, issuer, serial, fingerprint, notBefore, notAfter, list } = signer;
  return {
    name: plain(name ?? subject),
    ...{ subject: plain(subject, 1_000), issuer: plain(issuer, 1_000) },
    ...{ serial: serial.slice(0, 100), fingerprint, list },
    ...{ notBefore: new Date(notBefore), notAfter: new Date(notAfter) },
  };
}

/** What a signer claims may be no moment at all. */
function momentOf(text: string | undefined): Date | undefined {
  const moment = text === undefined ? undefined : new Date(text);
  return moment && !Number.isNaN(+moment) ? moment : undefined;
}

const why: Record<string, Said> = {
  'not-pdf': { vi: 'Tệp không phải là PDF.', en: 'The file is no PDF.' },
  damaged: { vi: 'Tệp PDF bị hỏng.', en: 'The PDF is damaged.' },
  encrypted: {
    vi: 'Tệp PDF được bảo vệ bằng mật khẩu nên không kiểm tra được.',
    en: 'The PDF is protected by a password and cannot be examined.',
  },
  'too-complex': {
    vi: 'Cấu trúc của tệp phức tạp quá mức một văn bản thông thường.',
    en: 'The structure of the file is more complex than that of any honest document.',
  },
};
const byName: Record<string, Said> = {
  XmlError: {
    vi: 'Tệp XML không đọc được hoặc có cấu trúc không được chấp nhận.',
    en: 'The XML cannot be read, or its structure is not accepted.',
  },
  DerError: {
    vi: 'Tệp không phải là PDF, XML hay CMS đã ký, hoặc dữ liệu chữ ký bị hỏng.',
    en: 'The file is no signed PDF, XML or CMS, or the data of its signature are damaged.',
  },
};
byName['AlgorithmError'] = byName['DerError']!;
byName['TooComplex'] = why['too-complex']!;

const costly: Said = {
  vi: 'Việc đọc tệp tốn nhiều thời gian hoặc bộ nhớ hơn mức cho phép, tệp có thể được tạo để gây hại.',
  en: 'Reading the file costs more time or memory than is allowed; it may have been made to do harm.',
};

/** Why a document could not be read, for people; undefined for an error that is a bug of ours. */
export function problemOf(error: unknown): Said | undefined {
  if (error instanceof TooCostly) return costly;
  if (!(error instanceof Fault)) return undefined;
  return (error.name === 'PdfError' ? why[error.code ?? ''] : byName[error.name]) ?? undefined;
}
