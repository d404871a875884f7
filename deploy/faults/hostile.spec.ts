import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plantSmallProvince, type SmallProvince } from './province.js';
import { type RawReply, request, speak } from './raw-http.js';
import { type FaultyHouse, openFaultyHouse } from './stack.js';

describe('a gateway that is spoken to in bad faith', () => {
  let house: FaultyHouse;
  let province: SmallProvince;
  const say = (line: string) => process.stdout.write(`${line}\n`);

  beforeAll(async () => {
    house = await openFaultyHouse();
    province = await plantSmallProvince(house.url, house.adminPassword);
  });
  afterAll(() => house.close());

  const bearer = () => ({ authorization: `Bearer ${province.tokens.clerk}` });
  const json = () => ({ ...bearer(), 'content-type': 'application/json' });
  const document = (more: string) =>
    `{"bookId":"${province.inBookId}","author":"Sở Nội vụ","abstract":"Thử"${more}}`;

  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    speak(
      house.url,
      request('POST', '/v1/incoming-documents', { headers: { ...json(), ...headers }, body }),
    );
  const get = (path: string, headers: Record<string, string> = {}) =>
    speak(house.url, request('GET', path, { headers: { ...bearer(), ...headers } }));

  const problemOf = (reply: RawReply) => {
    let problem: any = {};
    try {
      problem = JSON.parse(reply.body);
    } catch {}
    return [
      reply.status,
      reply.headers['content-type'],
      problem.type,
      problem.errors?.map((e: any) => e.pointer).join(','),
      reply.body.slice(0, 80),
    ];
  };

  const cases: [string, () => Promise<RawReply>][] = [
    ['100,000 nested lists', () => post(document(`,"x":${'['.repeat(1e5)}${']'.repeat(1e5)}`))],
    [
      'nested lists as reference',
      () => post(document(`,"reference":${'['.repeat(1e5)}${']'.repeat(1e5)}`)),
    ],
    ['100,000 nested objects', () => post('{"a":'.repeat(1e5) + '1' + '}'.repeat(1e5))],
    ['lists that never end', () => post('['.repeat(9e5))],
    ['a huge number', () => post(document(',"dueOn":1e999999'))],
    ['a number of 100,000 digits', () => post(document(`,"dueOn":${'9'.repeat(1e5)}`))],
    ['the same key twice, wrong last', () => post(document(',"urgency":"none","urgency":"soon"'))],
    ['__proto__', () => post(document(',"__proto__":{"isAdmin":true}'))],
    ['constructor', () => post(document(',"constructor":{"prototype":{"x":1}}'))],
    ['half a surrogate pair', () => post(document(',"reference":"\\ud800"'))],
    ['NUL', () => post(document(',"reference":"\\u0000"'))],
    [
      'invalid UTF-8',
      () =>
        post(
          Buffer.concat([
            Buffer.from('{"author":"'),
            Buffer.from([0xff, 0xc0, 0x80]),
            Buffer.from('"}'),
          ]),
        ),
    ],
    ['BOM', () => post('\ufeff{}')],
    ['a list', () => post('[]')],
    ['null', () => post('null')],
    ['a number', () => post('7')],
    ['a string', () => post('"x"')],
    ['nothing', () => post('')],
    ['a year zero', () => post(document(',"documentDate":"0000-01-01"'))],
    ['a week date', () => post(document(',"documentDate":"2026-W01-1"'))],
    ['29 February', () => post(document(',"documentDate":"2026-02-29"'))],
    ['text/plain', () => post('{}', { 'content-type': 'text/plain' })],
    ['gzip', () => post('{}', { 'content-encoding': 'gzip' })],
    ['charset', () => post('{}', { 'content-type': 'application/json; charset=utf-16' })],
    [
      '10,000 headers',
      () =>
        get('/v1/me', Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`x-${i}`, 'y']))),
    ],
    ['a header of 1 MB', () => get('/v1/me', { 'x-large': 'y'.repeat(1e6) })],
    ['Accept-Language 50 KB', () => get('/v1/me', { 'accept-language': 'vi,'.repeat(17_000) })],
    [
      'Accept-Language 10 KB',
      () => get('/v1/nowhere', { 'accept-language': 'a;q=b,'.repeat(1_700) }),
    ],
    ['Idempotency-Key 10 KB', () => post(document(''), { 'idempotency-key': 'k'.repeat(10_000) })],
    ['Idempotency-Key odd', () => post(document(''), { 'idempotency-key': 'k\x01' })],
    ['Idempotency-Key latin', () => post(document(''), { 'idempotency-key': '\xe9\xff' })],
    [
      'If-Match *',
      () =>
        speak(
          house.url,
          request('POST', `/v1/books/${province.inBookId}/close`, {
            headers: { ...json(), 'if-match': '*' },
            body: '{}',
          }),
        ),
    ],
    [
      'If-Match long',
      () =>
        speak(
          house.url,
          request('POST', `/v1/books/${province.inBookId}/close`, {
            headers: { ...json(), 'if-match': '"' + '9'.repeat(8000) + '"' },
            body: '{}',
          }),
        ),
    ],
    [
      'If-Match big',
      () =>
        speak(
          house.url,
          request('POST', `/v1/books/${province.inBookId}/close`, {
            headers: { ...json(), 'if-match': '"999999999999999"' },
            body: '{}',
          }),
        ),
    ],
    ['traceparent', () => get('/v1/nowhere', { traceparent: 'x'.repeat(10_000) })],
    ['Range', () => get('/v1/nowhere', { range: 'bytes=0-,'.repeat(1000) })],
    ['method override', () => post('{}', { 'x-http-method-override': 'GET' })],
    ['TRACE', () => speak(house.url, request('TRACE', '/v1/me'))],
    ['method FOO', () => speak(house.url, request('FOO', '/v1/me'))],
    ['CONNECT', () => speak(house.url, request('CONNECT', 'evil.example:443'))],
    ['PATCH', () => speak(house.url, request('PATCH', '/v1/me'))],
    ['not HTTP', () => speak(house.url, ['\x16\x03\x01\x02\x00 hello\r\n\r\n'])],
    ['HTTP/9', () => speak(house.url, ['GET / HTTP/9.9\r\nhost: x\r\n\r\n'])],
    ['no host', () => speak(house.url, ['GET /v1/me HTTP/1.1\r\nconnection: close\r\n\r\n'])],
    ['CL+TE', () => post('0\r\n\r\n', { 'transfer-encoding': 'chunked' })],
    ['CL abc', () => post('{}', { 'content-length': 'abc' })],
    ['CL -1', () => post('{}', { 'content-length': '-1' })],
    ['CL huge', () => post('{}', { 'content-length': '99999999999999999999' })],
    ['CL too large', () => post('{}', { 'content-length': '2000000' })],
    ['CL short', () => post('{"a":1}', { 'content-length': '3' })],
    [
      'chunk garbage',
      () =>
        speak(house.url, [
          `POST /v1/incoming-documents HTTP/1.1\r\nhost: x\r\nauthorization: ${bearer().authorization}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`,
        ]),
    ],
    ['path traversal', () => get('/v1/../../etc/passwd')],
    ['encoded traversal', () => get('/v1/%2e%2e%2f%2e%2e%2fetc%2fpasswd')],
    ['encoded slash in id', () => get('/v1/incoming-documents/..%2f..%2fetc%2fpasswd')],
    ['NUL in path', () => get('/v1/incoming-documents/%00')],
    ['bad escape', () => get('/v1/incoming-documents/%zz')],
    ['bad escape 2', () => get('/v1/incoming-documents/%E0%A4%A')],
    ['long path', () => get('/v1/' + 'a'.repeat(10_000))],
    ['long param', () => get('/v1/incoming-documents/' + 'a'.repeat(2_000))],
    ['double slash', () => get('//evil.example/v1/me')],
    ['absolute', () => get('http://evil.example/v1/nowhere')],
    ['unicode path', () => get('/v1/\xff\xfe')],
    ['query list', () => get('/v1/incoming-documents?limit=1&limit=2')],
    ['query object', () => get('/v1/incoming-documents?limit[$gt]=1')],
    ['query proto', () => get('/v1/incoming-documents?__proto__=1')],
    ['query proto2', () => get('/v1/incoming-documents?limit=9007199254740993')],
    ['query many', () => get('/v1/incoming-documents?' + 'limit=1&'.repeat(1500))],
    ['query q list', () => get('/v1/search?q=a&q=b')],
    ['query from', () => get('/v1/incoming-documents?from=0000-00-00')],
    ['query from2', () => get('/v1/incoming-documents?from=0000-01-01')],
    ['query bad escape', () => get('/v1/incoming-documents?limit=%zz')],
    ['cursor garbage', () => get('/v1/incoming-documents?after=garbage')],
    [
      'cursor text',
      () => get(`/v1/incoming-documents?after=${Buffer.from('["x","y"]').toString('base64url')}`),
    ],
    [
      'cursor short',
      () =>
        get(`/v1/incoming-documents?after=${Buffer.from('["2026-01-01"]').toString('base64url')}`),
    ],
    [
      'cursor nul',
      () =>
        get(
          `/v1/incoming-documents?after=${Buffer.from('["\\u0000","\\ud800"]').toString('base64url')}`,
        ),
    ],
    [
      'cursor number',
      () =>
        get(`/v1/incoming-documents?after=${Buffer.from('[1e300,1e300]').toString('base64url')}`),
    ],
    [
      'cursor object',
      () => get(`/v1/incoming-documents?after=${Buffer.from('{"a":1}').toString('base64url')}`),
    ],
    ['cursor people', () => get(`/v1/people?after=${Buffer.from('[-5]').toString('base64url')}`)],
    [
      'cursor people text',
      () => get(`/v1/people?after=${Buffer.from('["x"]').toString('base64url')}`),
    ],
    ['Last-Event-ID', () => get('/v1/events', { 'last-event-id': '-1' })],
    ['bearer garbage', () => get('/v1/me', { authorization: 'Bearer a.b.c.d.e.f' })],
    [
      'bearer alg none',
      () => get('/v1/me', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }),
    ],
  ];

  it('x', async () => {
    for (const [name, work] of cases) {
      const t = performance.now();
      const reply = await work();
      say(
        `${name.padEnd(28)} ${(performance.now() - t).toFixed(0).padStart(5)} ${JSON.stringify(problemOf(reply))}`,
      );
    }
  }, 300_000);
});
