import type { ValidatedSignature, Validation } from '@eoffice/contracts';
import type { Block, PrintedDocument } from '../printing/printed.js';
import { plain } from './verdict.js';
import {
  adviceWords,
  levelWords,
  listWords,
  reasonWords,
  shownMoment,
  timeWords,
  verdictWords,
} from './words.js';

const shownOnPage = 20;
const maxReason = 300;

/** One page that says who signed what and whether it holds, for a clerk to read and to file. */
export function printedReport(validation: Validation): PrintedDocument {
  const { name, sha256, size, verdict, at, policy, policyDigest, signatures, problem, unreached } =
    validation;
  const pairs: [string, string][] = [
    ['Tệp', plain(name)],
    ['Mã băm SHA-256', sha256],
    ['Kích thước', `${size.toLocaleString('vi')} byte`],
    ['Kiểm tra lúc', shownMoment(at)],
    ['Chính sách', `${policy}, mã ${policyDigest.slice(0, 16)}`],
  ];
  if (unreached.length > 0) {
    const hosts = unreached.map((host) => plain(host)).join(', ');
    pairs.push(['Chưa hỏi được trạng thái chứng thư từ', hosts]);
  }
  const left = signatures.length - shownOnPage;
  return {
    agency: 'Hệ thống quản lý văn bản và điều hành',
    title: 'Kết quả kiểm tra chữ ký số',
    subtitle: verdictWords[verdict],
    blocks: [
      { kind: 'text', text: problem?.vi ?? adviceWords[verdict] },
      { kind: 'pairs', pairs },
      ...(signatures.length > 0 ? [tableOf(signatures)] : []),
      ...(left > 0 ? [{ kind: 'text', text: `Và ${left} chữ ký khác.` } as const] : []),
    ],
  };
}

const tableOf = (signatures: ValidatedSignature[]): Block => ({
  kind: 'table',
  columns: [
    { heading: 'STT', share: 1 },
    { heading: 'Người ký', share: 5 },
    { heading: 'Thời điểm ký', share: 4 },
    { heading: 'Kết quả và lý do', share: 6 },
  ],
  rows: signatures
    .slice(0, shownOnPage)
    .map((signature, index) => [
      String(index + 1),
      `${signature.signer?.name ?? 'Không rõ'}\n${listWords(signature)}`,
      [timeWords(signature), levelWords(signature)].filter(Boolean).join('\n'),
      `${verdictWords[signature.indication]}\n${reasonWords(signature).slice(0, maxReason)}`,
    ]),
});
