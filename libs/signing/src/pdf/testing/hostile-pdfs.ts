import { deflateSync } from 'node:zlib';
import { formPage, makePdf, onePage, stream, type Objects } from './made-pdf.js';

// Files made to keep a reader busy: each should be answered, or refused, at once.

const header = '%PDF-1.5\n';
const tenMegabytes = 10_000_000;
const repeated = (text: string, size = tenMegabytes): Buffer =>
  Buffer.from(header + text.repeat(Math.ceil(size / text.length)), 'latin1');

/** A cross-reference stream with that dictionary and nothing else. */
function onlyXref(dict: string, data: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from('9 0 obj\n'),
    stream(data, `/Type/XRef/Root 1 0 R${dict}`),
  ]);
  const end = `\nendobj\nstartxref\n${header.length}\n%%EOF\n`;
  return Buffer.concat([Buffer.from(header), body, Buffer.from(end)]);
}

function sectionChain(count: number): Buffer {
  const parts = [makePdf(onePage)];
  let place = parts[0]!.length;
  let previous = 0;
  for (let index = 0; index < count; index += 1) {
    const trailer = `<</Root 1 0 R/Size 6/Prev ${previous}>>`;
    const section = `xref\n0 0\ntrailer\n${trailer}\nstartxref\n${place}\n%%EOF\n`;
    parts.push(Buffer.from(section));
    previous = place;
    place += section.length;
  }
  return Buffer.concat(parts);
}

function circularSections(): Buffer {
  const text = makePdf(onePage, { trailer: '/Prev 00000' }).toString('latin1');
  const place = String(text.lastIndexOf('xref\n0')).padStart(5, '0');
  return Buffer.from(text.replace('/Prev 00000', `/Prev ${place}`), 'latin1');
}

const withObjects = (objects: Objects): Buffer => makePdf({ ...onePage, ...objects });

/** A tree of pages, one below the other. */
function deepPages(): Buffer {
  const objects: Objects = { ...onePage, 2: '<</Type/Pages/Kids[10 0 R]>>' };
  for (let number = 10; number < 1000; number += 1) {
    objects[number] = `<</Type/Pages/Kids[${number + 1} 0 R]>>`;
  }
  return makePdf({ ...objects, 1000: onePage[3]! });
}

const bomb = () => deflateSync(Buffer.alloc(200_000_000));
const columns = '/W[1 4 2]/Size 30000000/Filter';

/** By what is wrong with them. */
export const hostilePdfs: Record<string, () => Buffer> = {
  noise: () => {
    const bytes = Buffer.alloc(tenMegabytes);
    for (let at = 0, value = 1; at < bytes.length; at += 4) {
      value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
      bytes.writeUInt32LE(value, at);
    }
    return Buffer.concat([Buffer.from(header), bytes]);
  },
  'headers of objects': () => repeated('1 0 obj '),
  'strings that do not end': () => repeated('1 0 obj('),
  'digits that do not end': () => repeated('1 0 obj<'),
  'dictionaries that do not end': () => repeated('1 0 obj<<'),
  'streams that do not end': () => repeated('1 0 obj<<>>stream endobj '),
  trailers: () => repeated('trailer<</Root 1 0 R>>'),
  'trailers that do not end': () => repeated('trailer('),
  'arrays in arrays': () => repeated('1 0 obj['),
  'end marks': () => Buffer.concat([makePdf(onePage), repeated('startxref\n9\n%%EOF\n')]),
  comments: () => repeated('%x\n'),
  'a chain of 100 000 sections': () => sectionChain(100_000),
  'a circle of sections': circularSections,
  'a table of four thousand million': () =>
    Buffer.from(`${header}xref\n0 4000000000\ntrailer<<>>\nstartxref\n9\n%%EOF`),
  'a stream of two thousand million': () =>
    onlyXref('/W[1 4 2]/Size 2000000000/Index[0 2000000000]', Buffer.alloc(70)),
  'columns without width': () => onlyXref('/W[0 0 0]/Size 2000000000', Buffer.alloc(70)),
  'a section that unpacks into 200 MB': () => onlyXref(`${columns}/FlateDecode`, bomb()),
  'a section packed twice': () =>
    onlyXref(`${columns}[/FlateDecode/FlateDecode]`, deflateSync(bomb())),
  'an object stream that unpacks into 200 MB': () => {
    const dict = '/Type/ObjStm/N 100000/First 1000000/Filter/FlateDecode';
    return withObjects({ 6: stream(bomb(), dict) }).subarray(0, -30);
  },
  'an object stream in itself': () =>
    makePdf({ ...onePage, 6: '<</A 1>>' }, { section: 'stream', packed: [5, 6] }),
  'pages that are their own kids': () =>
    withObjects({ 2: '<</Type/Pages/Kids[2 0 R 2 0 R 3 0 R]/Count 1>>' }),
  'half a million kids': () =>
    withObjects({ 2: `<</Type/Pages/Kids[${'3 0 R '.repeat(500_000)}]>>` }),
  'pages below pages': deepPages,
  'fields that are their own kids': () =>
    makePdf({ ...formPage, 7: '<</T(a)/Kids[7 0 R 7 0 R]>>' }),
  '200 000 fields': () =>
    makePdf({ ...formPage, 7: `<</T(a)/Kids[${'<</T(b)>>'.repeat(200_000)}]>>` }),
  'references in a circle': () =>
    withObjects({ 1: '<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>', 6: '7 0 R', 7: '6 0 R' }),
  'a stream as long as itself': () => withObjects({ 4: '<</Length 4 0 R>>stream\nabc\nendstream' }),
  'a dictionary of half a million keys': () => {
    const keys = Array.from({ length: 500_000 }, (_, index) => `/K${index} 1`);
    return Buffer.from(`${header}1 0 obj<</Type/Catalog/Pages 2 0 R${keys.join('')}>>endobj`);
  },
};
