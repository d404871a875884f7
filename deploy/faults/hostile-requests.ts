import { type RawReply, request, speak } from './raw-http.js';

/** One thing that somebody might send, and what they must be told. */
export interface Hostility {
  name: string;
  /** The status of the answer; 0 where the connection is only closed. */
  status: number;
  /** The field that the problem must name. */
  pointer?: string;
  send(): Promise<RawReply>;
}

/** Requests in bad faith, or in bad shape, of somebody who is signed in as a clerk. */
export function hostileRequests(url: string, token: string, bookId: string): Hostility[] {
  const bearer = { authorization: `Bearer ${token}` };
  const json = { ...bearer, 'content-type': 'application/json' };
  const all: Hostility[] = [];
  const expect = (name: string, status: number, send: () => Promise<RawReply>, pointer?: string) =>
    all.push({ name, status, send, pointer });
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    speak(
      url,
      request('POST', '/v1/incoming-documents', { headers: { ...json, ...headers }, body }),
    );
  const get = (path: string, headers: Record<string, string> = {}) =>
    speak(url, request('GET', path, { headers: { ...bearer, ...headers } }));
  const closing = (version: string) =>
    speak(
      url,
      request('POST', `/v1/books/${bookId}/close`, {
        headers: { ...json, 'if-match': version },
        body: '{}',
      }),
    );
  const withField = (name: string, value: string, pointer = `/${name}`, status = 400) => {
    const body = `{"bookId":"${bookId}","author":"Sở Nội vụ","abstract":"Thử","${name}":${value}}`;
    return { status, pointer, send: () => post(body) };
  };
  const field = (label: string, name: string, value: string) =>
    all.push({ name: label, ...withField(name, value) });

  field('100,000 nested lists', 'reference', `${'['.repeat(1e5)}${']'.repeat(1e5)}`);
  field('100,000 nested objects', 'x', `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`);
  field('a number beyond every range', 'dueOn', '1e999999');
  field('a number of 100,000 digits', 'dueOn', '9'.repeat(1e5));
  field('a key twice, the last one wrong', 'urgency', '"none","urgency":"soon"');
  field('__proto__', '__proto__', '{"isAdmin":true}');
  field('constructor', 'constructor', '{"prototype":{"isAdmin":true}}');
  field('half a surrogate pair', 'reference', String.raw`"\ud800"`);
  field('NUL', 'reference', String.raw`"\u0000"`);
  field('a letter under 250,000 marks', 'abstract', `"a${'\u0301\u0323'.repeat(125_000)}"`);
  field('an endless field', 'abstract', `"${'x'.repeat(900_000)}"`);
  field('the year zero', 'documentDate', '"0000-01-01"');
  field('a date by weeks', 'documentDate', '"2026-W01-1"');
  field('a day that never comes', 'documentDate', '"2026-02-29"');

  expect('lists that never end', 400, () => post('['.repeat(9e5)), '');
  expect(
    'bytes that are no UTF-8',
    400,
    () => post(Buffer.from([0x22, 0xff, 0xc0, 0x80, 0x22])),
    '',
  );
  expect('a list', 400, () => post('[]'), '');
  expect('null', 400, () => post('null'), '');
  expect('nothing', 400, () => post(''), '/bookId');
  const large = `"${'x'.repeat(1_100_000)}"`;
  const [head, body] = request('POST', '/v1/incoming-documents', { headers: json, body: large });
  expect('a body of 1.1 MB', 413, () => speak(url, [head!, 300, body!]));
  expect('another media type', 415, () => post('{}', { 'content-type': 'text/xml' }));
  expect(
    'multipart where JSON belongs',
    400,
    () => post('--x--\r\n', { 'content-type': 'multipart/form-data; boundary=x' }),
    '/bookId',
  );
  expect(
    'a method override',
    400,
    () => post('{}', { 'x-http-method-override': 'GET' }),
    '/bookId',
  );

  const many = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`x-${index}`, 'y']),
  );
  expect('10,000 headers', 431, () => get('/v1/me', many));
  expect('a header of 20 KB', 431, () => get('/v1/me', { 'x-large': 'y'.repeat(20_000) }));
  expect('50 KB of languages', 431, () => get('/v1/me', { 'accept-language': 'vi,'.repeat(17e3) }));
  expect('10 KB of languages', 404, () =>
    get('/v1/x', { 'accept-language': 'a;q=b,'.repeat(1_700) }),
  );
  const key = (value: string) => () => post('{}', { 'idempotency-key': value });
  expect('an idempotency key of 10 KB', 400, key('k'.repeat(10_000)), '/Idempotency-Key');
  expect('an idempotency key in Latin-1', 400, key('\xe9'), '/Idempotency-Key');
  expect('any version', 400, () => closing('*'), '/If-Match');
  expect('a version of 8,000 digits', 400, () => closing(`"${'9'.repeat(8_000)}"`), '/If-Match');
  expect('a version from the future', 412, () => closing('"999999999"'));
  expect('1,000 ranges', 404, () => get('/v1/x', { range: 'bytes=0-,'.repeat(1_000) }));
  expect('a token that is none', 401, () => get('/v1/me', { authorization: 'Bearer a.b.c.d.e.f' }));
  expect('a token without signature', 401, () =>
    get('/v1/me', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }),
  );

  expect('an unknown method', 400, () => speak(url, request('FOO', '/v1/me')));
  expect('TRACE', 404, () => speak(url, request('TRACE', '/v1/me')));
  expect('CONNECT', 0, () => speak(url, request('CONNECT', 'evil.example:443')));
  expect('a TLS greeting', 400, () => speak(url, ['\x16\x03\x01\x02\x00\x01\x00\r\n\r\n']));
  expect('HTTP/9.9', 400, () => speak(url, ['GET / HTTP/9.9\r\nhost: x\r\n\r\n']));
  expect('two lengths', 400, () => post('0\r\n\r\n', { 'transfer-encoding': 'chunked' }));
  expect('a length in letters', 400, () => post('{}', { 'content-length': 'abc' }));
  expect('a negative length', 400, () => post('{}', { 'content-length': '-1' }));
  expect('a length of 20 digits', 400, () => post('{}', { 'content-length': '9'.repeat(20) }));
  expect('a length that is too short', 400, () => post('{"a":1}', { 'content-length': '3' }));
  const chunked = Object.entries({ host: 'x', ...json, 'transfer-encoding': 'chunked' });
  const lines = chunked.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const chunks = [`POST /v1/incoming-documents HTTP/1.1\r\n${lines}\r\n`, 'ZZ\r\n{}\r\n0\r\n\r\n'];
  expect('chunks of no length', 400, () => speak(url, chunks));
  const twice = request('GET', '/v1/me', { headers: bearer })
    .join('')
    .replace('close', 'keep-alive');
  expect('requests in a pipeline, then garbage', 200, () =>
    speak(url, [twice, twice, 200, 'garbage\r\n\r\n']),
  );

  expect('a way out of the root', 404, () => get('/v1/../../etc/passwd'));
  expect(
    'an encoded way out',
    400,
    () => get('/v1/incoming-documents/..%2f..%2fetc%2fpasswd'),
    '/id',
  );
  expect('NUL in the path', 400, () => get('/v1/incoming-documents/%00'), '/id');
  expect('a broken escape', 400, () => get('/v1/incoming-documents/%zz'));
  expect('an escape that is no UTF-8', 400, () => get('/v1/incoming-documents/%E0%A4%A'));
  expect('a path of 10 KB', 404, () => get(`/v1/${'a'.repeat(10_000)}`));
  expect('an id of 2 KB', 414, () => get(`/v1/incoming-documents/${'a'.repeat(2_000)}`));
  expect('another host', 404, () => get('http://evil.example/v1/x'));

  const list = (query: string) => () => get(`/v1/incoming-documents?${query}`);
  expect('a value twice', 400, list('limit=1&limit=2'), '/limit');
  expect('an object in the query', 400, list('limit[$gt]=1'), '/limit[$gt]');
  expect('__proto__ in the query', 400, list('__proto__=1'), '/__proto__');
  expect('a number beyond 2^53', 400, list('limit=9007199254740993'), '/limit');
  expect('1,500 values', 400, list('limit=1&'.repeat(1_500)), '/limit');
  const cursor = (text: string) => list(`after=${Buffer.from(text).toString('base64url')}`);
  expect('a cursor that is none', 400, list('after=garbage'), '/after');
  expect('a cursor of words', 400, cursor('["x","y"]'), '/after');
  expect('a cursor with NUL', 400, cursor(String.raw`["\u0000","y"]`), '/after');
  expect('a cursor of numbers', 400, cursor('[1e300,1e300]'), '/after');
  expect('a cursor that is an object', 400, cursor('{"a":1}'), '/after');
  return all;
}
