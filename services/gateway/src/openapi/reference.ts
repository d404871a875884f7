import { contracts, events, type Field, planOf, routeOf, subjectOf } from '@eoffice/contracts';
import type { FastifyInstance } from 'fastify';
import { asyncApiOf } from './asyncapi.js';
import { openApiOf } from './openapi.js';

/** Serves the descriptions for programs, and one readable page for people. */
export function mountReference(http: FastifyInstance) {
  const openApi = JSON.stringify(openApiOf(contracts));
  const asyncApi = JSON.stringify(asyncApiOf(events));
  const page = referencePage();
  const cached = { 'cache-control': 'public, max-age=300' };
  http.get('/openapi.json', (_, reply) =>
    reply.headers(cached).type('application/json; charset=utf-8').send(openApi),
  );
  http.get('/events.json', (_, reply) =>
    reply.headers(cached).type('application/json; charset=utf-8').send(asyncApi),
  );
  http.get('/reference', (_, reply) =>
    reply.headers(cached).type('text/html; charset=utf-8').send(page),
  );
  http.get('/', (_, reply) => reply.redirect('/reference'));
}

const escape = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

function referencePage(): string {
  const listed = contracts.filter(({ operations }) =>
    Object.values(operations).some(({ route }) => route),
  );
  const contents = listed.map(({ name }) => `<li><a href="#${name}">${name}</a></li>`).join('');
  const sections = listed.map(sectionOf).join('');
  const announced = events
    .map(({ type, summary }) => `<tr><td><code>${type}</code></td><td>${escape(summary)}</td></tr>`)
    .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>eOffice API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>
<body><a class="skip" href="#main">Skip to content</a>
<header><h1>eOffice API</h1><p>Tài liệu tham khảo · Reference. For programs:
<a href="/openapi.json">openapi.json</a>, <a href="/events.json">events.json</a>.</p></header>
<nav aria-label="Contents"><ul>${contents}<li><a href="#events">events</a></li></ul></nav>
<main id="main">${sections}
<section id="events"><h2>events</h2><p><code>GET /v1/events</code> sends these live; come back with
<code>Last-Event-ID</code>.</p><table><thead><tr><th>Type</th><th>When</th></tr></thead>
<tbody>${announced}</tbody></table></section></main></body></html>`;
}

function sectionOf({ name, operations }: (typeof contracts)[number]): string {
  const parts = Object.entries(operations)
    .filter(([, { route }]) => route)
    .map(([operation, declared]) => {
      const { verb, path } = routeOf(declared);
      const problems = (declared.errors ?? [])
        .map(
          ({ declared: kind }) =>
            `<li>${kind.status} <code>${kind.type}</code> ${escape(kind.title.en)}</li>`,
        )
        .join('');
      return `<article id="${subjectOf({ name, operations }, operation)}">
<h3><code>${verb} ${escape(path)}</code></h3><p>${escape(declared.summary)}</p>
<p>Permission: <code>${declared.permission}</code></p>
${tableOf('Send', [...planOf(declared.input)])}${tableOf('Get', [...planOf(declared.output)])}
${problems && `<h4>Problems</h4><ul>${problems}</ul>`}</article>`;
    });
  return `<section id="${name}"><h2>${name}</h2>${parts.join('')}</section>`;
}

function tableOf(caption: string, fields: [string, Field][]): string {
  if (fields.length === 0) return '';
  const rows = fields.map(([name, field]) => {
    const { type, format, enum: values, maxLength } = field.schema;
    const shown = field.nested
      ? `${field.list ? 'list of ' : ''}${field.nested().name}`
      : [
          values ? (values as string[]).join(' | ') : type,
          format,
          maxLength && `≤ ${maxLength as number}`,
        ]
          .filter(Boolean)
          .join(', ');
    const note = [field.header && `header ${field.header}`, field.description].filter(Boolean);
    return `<tr><td><code>${name}</code>${field.optional ? '' : ' *'}</td>
<td>${escape(String(shown))}</td><td>${escape(note.join('; '))}</td></tr>`;
  });
  return `<table><caption>${caption}</caption><tbody>${rows.join('')}</tbody></table>`;
}

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;
max-width:72rem;padding:1rem;display:grid;grid-template-columns:16rem 1fr;gap:2rem}header{grid-column:1/-1}
nav ul{list-style:none;padding:0;position:sticky;top:1rem}table{border-collapse:collapse;width:100%;
margin:.5rem 0}td,th{border-bottom:1px solid #8886;padding:.25rem .5rem;text-align:left;vertical-align:top}
caption{text-align:left;font-weight:600}article{border-top:1px solid #8886;margin-top:1.5rem}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}code{font-size:.95em}
@media(max-width:50rem){body{display:block}nav ul{position:static}}`;
