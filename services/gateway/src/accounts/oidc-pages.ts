import type { Problem, Sentence } from '@eoffice/contracts';
import { handoverSeconds } from './handovers.js';

type Language = keyof Sentence;

const words = {
  signedIn: { vi: 'Đã đăng nhập', en: 'Signed in' },
  copy: {
    vi: `Chép mã dưới đây vào ứng dụng trong vòng ${handoverSeconds} giây. Mã chỉ dùng được một lần; đừng đưa cho ai khác.`,
    en: `Copy this code into your application within ${handoverSeconds} seconds. It can be used once; give it to nobody else.`,
  },
  code: { vi: 'Mã đăng nhập', en: 'Sign-in code' },
  refused: { vi: 'Chưa đăng nhập được', en: 'Not signed in' },
  again: { vi: 'Đăng nhập lại', en: 'Sign in again' },
};

/** Shows the one-time code to somebody who came without a frontend. */
export function codePage(code: string, language: Language): string {
  return page(
    words.signedIn[language],
    `<p>${words.copy[language]}</p>
<p><label for="code">${words.code[language]}</label>
<input id="code" type="text" readonly autocomplete="off" spellcheck="false" value="${escape(code)}"></p>`,
    language,
  );
}

/** Tells somebody in a browser why they are not signed in. */
export function problemPage({ title, detail }: Problem, language: Language): string {
  const why = detail ? `<p>${escape(detail[language])}</p>` : '';
  return page(
    words.refused[language],
    `<p><strong>${escape(title[language])}</strong></p>${why}
<p><a href="/v1/sessions/oidc">${words.again[language]}</a></p>`,
    language,
  );
}

function page(title: string, body: string, language: Language): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${title} · eOffice</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{color-scheme:light dark}body{font:1.125rem/1.6 system-ui,sans-serif;margin:0 auto;
max-width:38rem;padding:2rem 1rem}label{display:block;font-weight:600}p{overflow-wrap:anywhere}
input{font:1rem ui-monospace,monospace;width:100%;box-sizing:border-box;padding:.5rem}</style></head>
<body><main><h1>${title}</h1>${body}</main></body></html>`;
}

const escape = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
