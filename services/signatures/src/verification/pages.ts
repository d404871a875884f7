import type { ValidatedSignature, Verdict, Verification } from '@eoffice/contracts';
import { plain } from '../validation/verdict.js';
import {
  adviceWords,
  levelWords,
  listWords,
  reasonWords,
  shownMoment,
  stampWords,
  timeWords,
  verdictWords,
} from '../validation/words.js';

// Pages without scripts and without anything from elsewhere, so that nothing but this house learns
// of a file, and what a hostile file says has nowhere to run.

/** Text as text, whatever is in it. */
const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The page on which a file is chosen. */
export const formPage = (): string =>
  page(
    'Kiểm tra chữ ký số',
    `<h1>Kiểm tra chữ ký số trên văn bản</h1>
<p>Chọn hoặc kéo thả tệp văn bản điện tử (PDF, hoặc XML, CMS đã ký) để biết ai đã ký, ký lúc nào và
chữ ký có còn giá trị hay không.</p>${form}`,
  );

/** What a file came to. */
export function verdictPage(name: string, verification: Verification): string {
  const { verdict, signatures, problem, sha256, size, at, unreached } = verification;
  const advice = problem?.vi ?? adviceWords[verdict];
  const cards = signatures.map(cardOf).join('');
  return page(
    `${verdictWords[verdict]} — Kiểm tra chữ ký số`,
    `<h1>Kết quả kiểm tra chữ ký số</h1>
<section class="verdict ${shadeOf[verdict]}" role="status" aria-labelledby="ket-luan">
<h2 id="ket-luan">${verdictWords[verdict]}</h2><p>${escape(advice)}</p></section>
${signatures.length > 0 ? `<h2>Các chữ ký (${signatures.length})</h2><ol class="signatures">${cards}</ol>` : ''}
<h2>Tệp đã kiểm tra</h2>
<dl>${pair('Tên tệp', plain(name))}${pair('Kích thước', `${size.toLocaleString('vi')} byte`)}
${pair('Mã băm SHA-256', sha256)}${pair('Kiểm tra lúc', shownMoment(at))}
${unreached.length > 0 ? pair('Chưa hỏi được trạng thái chứng thư từ', unreached.map((host) => plain(host)).join(', ')) : ''}</dl>
<h2>Kiểm tra tệp khác</h2>${form}`,
  );
}

const shadeOf: Record<Verdict, string> = {
  TOTAL_PASSED: 'good',
  TOTAL_FAILED: 'bad',
  INDETERMINATE: 'open',
  NO_SIGNATURE: 'open',
  UNREADABLE: 'bad',
};

function cardOf(signature: ValidatedSignature): string {
  const { signer, indication, timeStamps } = signature;
  const stamps = timeStamps.slice(0, 10).map(stampWords);
  const level = levelWords(signature);
  return `<li class="${shadeOf[indication]}"><h3>${escape(signer?.name ?? 'Không rõ người ký')}</h3>
<p><strong>${verdictWords[indication]}</strong>: ${escape(reasonWords(signature))}</p>
<dl>${pair('Loại chữ ký', listWords(signature))}${pair('Thời điểm ký', timeWords(signature))}
${level ? pair('Mức chữ ký', level) : ''}
${signer ? `${pair('Chứng thư cấp cho', signer.subject)}${pair('Nơi cấp', signer.issuer)}${pair('Số hiệu', signer.serial)}${pair('Hiệu lực', `${shownMoment(signer.notBefore)} – ${shownMoment(signer.notAfter)}`)}` : ''}
${stamps.length > 0 ? pair('Dấu thời gian', stamps.join('; ')) : ''}</dl></li>`;
}

const pair = (label: string, value: string) => `<dt>${label}</dt><dd>${escape(value)}</dd>`;

const form = `<form method="post" action="/verify" enctype="multipart/form-data">
<p><label for="file">Tệp cần kiểm tra</label>
<input id="file" name="file" type="file" required aria-describedby="file-help"
accept=".pdf,.xml,.edxml,.p7m,.p7s,application/pdf,application/xml"></p>
<p id="file-help" class="help">Tối đa 20 MB. Tệp chỉ được đọc để trả lời và không được lưu lại.</p>
<p><button type="submit">Kiểm tra</button></p></form>`;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><style>${style}</style></head>
<body><a class="skip" href="#noi-dung">Đến nội dung chính</a>
<header><p><a href="/verify">Kiểm tra chữ ký số</a></p></header>
<main id="noi-dung">${content}</main>
<footer><p>Kết quả dựa trên danh sách tin cậy và thông tin thu hồi mà hệ thống có tại thời điểm kiểm
tra. Chưa kết luận được không có nghĩa là hợp lệ.</p></footer></body></html>`;
}

const style = `body{font:1.1rem/1.6 system-ui,sans-serif;max-width:50rem;margin:0 auto;padding:1rem;
color:#1a1a1a;background:#fff}a{color:#0b5394}:focus-visible{outline:3px solid #c60;outline-offset:2px}
header{border-bottom:3px solid #b00020}header p{font-weight:700}h1{line-height:1.3}
.verdict,.signatures li{border-left-style:solid;border-left-width:.5rem;padding:.25rem 1rem;margin:1rem 0}
.verdict h2{margin:.5rem 0}.signatures{list-style:none;padding:0}.signatures h3{margin:.5rem 0}
.good{border-color:#176117;background:#f0f8f0}.bad{border-color:#b00020;background:#fff4f4}
.open{border-color:#8a5a00;background:#fff9ec}.good h2,.good strong{color:#176117}
.bad h2,.bad strong{color:#b00020}.open h2,.open strong{color:#7a4f00}
dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.25rem 1rem}dt{font-weight:600}
dd{margin:0;overflow-wrap:anywhere}@media(max-width:34rem){dl{display:block}dd{margin-bottom:.5rem}}
label{display:block;font-weight:600}input[type=file]{border:2px dashed #767676;padding:1.5rem 1rem;
width:100%;box-sizing:border-box;font:inherit}.help{color:#555}
button{font:inherit;font-weight:600;padding:.6rem 1.5rem;border:0;background:#0b5394;color:#fff}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}footer{border-top:1px solid #767676;
margin-top:2rem;color:#555}`;
