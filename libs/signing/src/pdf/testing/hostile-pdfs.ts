import { deflateSync } from 'node:zlib';
import { signed } from './attacker.js';
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

/** Ten megabytes of one thing in an array that every reader of the pages must read. */
const withArray = (text: string): Buffer =>
  withObjects({ 2: `<</Type/Pages/Kids[3 0 R ${text.repeat(tenMegabytes / text.length)}]>>` });

/** Each object reaches to the end of the file, and the pages name them all. */
function objectsWithin(): Buffer {
  const count = 20_000;
  const kids = Array.from({ length: count }, (_, index) => `${index + 10} 0 R `).join('');
  const head = makePdf({ ...onePage, 2: `<</Type/Pages/Kids[${kids}]>>` });
  const parts = [head.toString('latin1')];
  let place = head.length;
  const entries: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const text = `${index + 10} 0 obj [ ${'0 '.repeat(100)}`;
    entries.push(`${String(place).padStart(10, '0')} 00000 n \n`);
    parts.push(text);
    place += text.length;
  }
  const previous = head.toString('latin1').lastIndexOf('xref\n0');
  const trailer = `trailer<</Root 1 0 R/Size ${count + 10}/Prev ${previous}>>`;
  const section = `xref\n10 ${count}\n${entries.join('')}${trailer}\nstartxref\n${place}\n%%EOF\n`;
  return Buffer.from(parts.join('') + section, 'latin1');
}

/** An object stream whose objects all begin at the same place, and have the wrong index. */
function toldAgain(): Buffer {
  const count = 100_000;
  const numbers = Array.from({ length: count }, (_, index) => index + 100);
  const table = numbers.map((number) => `${number} 0 `).join('');
  const pack = stream(
    Buffer.from(`${table}[${'0 '.repeat(100_000)}]`),
    `/Type/ObjStm/N ${count}/First ${table.length}`,
  );
  const kids = numbers.map((number) => `${number} 0 R `).join('');
  const head = makePdf({ ...onePage, 2: `<</Type/Pages/Kids[${kids}]>>`, 6: pack });
  const rows = Buffer.alloc(count * 7);
  numbers.forEach((_, index) => {
    rows[index * 7] = 2;
    rows.writeUInt32BE(6, index * 7 + 1);
    rows.writeUInt16BE(60_000, index * 7 + 5);
  });
  const previous = head.toString('latin1').lastIndexOf('xref\n0');
  const dict = `/Type/XRef/W[1 4 2]/Index[100 ${count}]/Size ${count + 100}/Root 1 0 R`;
  const section = stream(rows, `${dict}/Prev ${previous}`);
  const end = Buffer.from(`\nendobj\nstartxref\n${head.length}\n%%EOF\n`);
  return Buffer.concat([head, Buffer.from('9 0 obj\n'), section, end]);
}

/** Pages that share an array of annotations, and signatures that are looked for in it. */
function sharedArray(): Buffer {
  const count = 5000;
  const objects: Objects = { ...formPage };
  const numbers = Array.from({ length: count }, (_, index) => index + 100);
  for (const number of numbers) objects[number] = '<</Type/Page/Parent 2 0 R/Annots 8 0 R>>';
  objects[2] = `<</Type/Pages/Kids[${numbers.map((number) => `${number} 0 R`).join(' ')}]>>`;
  objects[8] = `[${'3 0 R '.repeat(500_000)}]`;
  const rect = '/Subtype/Widget/Rect[0 0 9 9]';
  const names = Array.from({ length: 100 }, (_, index) => index);
  const fields = names.map((name) => `<</FT/Sig/T(s${name})${rect}/V<</Type/Sig>>>>`);
  return makePdf({ ...objects, 7: `<</T(a)/Kids[${fields.join('')}]>>` });
}

/** Ten forms, each of which draws the next a hundred times, under a signature added later. */
function formsInForms(): Buffer {
  const objects: Objects = { ...onePage };
  const box = '/Subtype/Form/BBox[0 0 900 900]';
  for (let number = 55; number < 64; number += 1) {
    const inner = `/Resources<</XObject<</F ${number + 1} 0 R>>>>`;
    objects[number] = stream(Buffer.from('/F Do '.repeat(100)), `${box}${inner}`);
  }
  objects[64] = stream(Buffer.from('0 0 1 1 re f'), box);
  objects[4] = stream(Buffer.from('/F Do'), '');
  objects[3] =
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R' +
    '/Resources<</XObject<</F 55 0 R>>>>>>';
  const placement = { page: 0, rectangle: [10, 10, 200, 100] as [number, number, number, number] };
  const first = signed(makePdf(objects));
  return signed(first, { placement });
}

const runs = (filter: string, data: Buffer): Buffer => {
  const dict = `/Type/ObjStm/N 1/First 5/Filter${filter}`;
  return withObjects({ 6: stream(data, dict) }).subarray(0, -30);
};

/** Revisions that each say again where everything is, and a signature under them all. */
function manyRevisions(): Buffer {
  const count = 1000;
  const objects: Objects = { ...onePage };
  for (let number = 10; number < count; number += 1) objects[number] = `[${number + 1} 0 R]`;
  const first = signed(makePdf({ ...objects, 5: '<</A 10 0 R>>', 1000: 'null' }));
  const parts = [first];
  let previous = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(first.toString('latin1'))![1]);
  let place = first.length;
  for (let index = 0; index < 290; index += 1) {
    const text = `xref\n0 0\ntrailer<</Root 1 0 R/Size 1010/Prev ${previous}>>\nstartxref\n${place}\n%%EOF\n`;
    parts.push(Buffer.from(text));
    previous = place;
    place += text.length;
  }
  return Buffer.concat(parts);
}

/** Two hundred fields that all have the one signature, whose value is ten megabytes long. */
function manySignatures(): Buffer {
  const value = `<</Type/Sig/SubFilter/adbe.pkcs7.detached/ByteRange[0 9 20 9]/Contents<${'0'.repeat(tenMegabytes)}>>>`;
  const fields = Array.from({ length: 200 }, (_, index) => `<</FT/Sig/T(s${index})/V 9 0 R>>`);
  return makePdf({ ...formPage, 7: `<</T(a)/Kids[${fields.join('')}]>>`, 9: value });
}

let packed: Buffer | undefined;
/** 200 MB of zeros in 200 KB. */
const bomb = (): Buffer => (packed ??= deflateSync(Buffer.alloc(200_000_000), { level: 1 }));
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
  'strings, strings, strings': () => withArray('()'),
  'dictionaries, dictionaries': () => withArray('<<>>'),
  'arrays, arrays': () => withArray('[]'),
  'references, references': () => withArray('3 0 R '),
  'numbers, numbers': () => withArray('0 '),
  'a word of ten megabytes': () => withArray('a').subarray(0, -30),
  'a name of ten megabytes': () =>
    withObjects({ 2: `<</Type/Pages/Kids[3 0 R /${'#41'.repeat(tenMegabytes / 3)}]>>` }),
  'objects within objects': objectsWithin,
  'an object stream of one object told a hundred thousand times': toldAgain,
  'a long array on every page': sharedArray,
  'forms in forms in forms': formsInForms,
  'filters that write much': () => runs('/RunLengthDecode', Buffer.alloc(tenMegabytes, 129)),
  'filters that write zeros': () => runs('/ASCII85Decode', Buffer.alloc(tenMegabytes, 'z')),
  'filters of two bytes a run': () => runs('/RunLengthDecode', Buffer.alloc(tenMegabytes, 255)),
  'a million entries': () => {
    const row = '0000000009 00000 n \n';
    return Buffer.from(`${header}xref\n0 1000000\n${row.repeat(1_000_000)}trailer<</Root 1 0 R>>
startxref\n9\n%%EOF`);
  },
  'a million entries packed': () =>
    onlyXref('/W[1 4 2]/Size 1000000/Filter/FlateDecode', deflateSync(Buffer.alloc(7_000_000, 1))),
  'a thousand revisions of a thousand objects': manyRevisions,
  'signatures over ten megabytes of digits': manySignatures,
  'a dictionary of half a million keys': () => {
    const keys = Array.from({ length: 500_000 }, (_, index) => `/K${index} 1`);
    return Buffer.from(`${header}1 0 obj<</Type/Catalog/Pages 2 0 R${keys.join('')}>>endobj`);
  },
};
