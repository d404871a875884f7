import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, trust, validations } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import * as encode from '@eoffice/signing/asn1/encode';
import { accessMethods, extensions } from '@eoffice/signing/oids';
import { authority } from '@eoffice/signing/pdf/testing/signers';
import { ecKeys, generalName, issue, type Party } from '@eoffice/signing/testing/authority';
import { crl, ocspBytes } from '@eoffice/signing/testing/revocation';
import { House } from '@eoffice/testing/house';
import { currentCrls, pemOf, signedPdf, trustOfSigners } from '@eoffice/testing/signed-files';
import { SignaturesModule } from '../signatures.module.js';
import { isInside } from '@eoffice/platform/addresses';
import { fetchStatus, NotFetched, rowFor } from './fetch-status.js';

describe('addresses of the internal network', () => {
  it.each([
    '10.1.2.3',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:8.8.8.8',
    'fd00::1',
    'fe80::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'ff02::1',
  ])('%s is inside', (address) => expect(isInside(address)).toBe(true));
  it.each(['8.8.8.8', '113.160.1.1', '2405:4800::1', '2606:4700::1111'])('%s is not', (address) =>
    expect(isInside(address)).toBe(false),
  );
});

describe('the status of certificates from where they say', () => {
  let house: House;
  let database: Database;
  let server: Server;
  let url: string;
  let asker: Caller;
  let keeper: Caller;
  let signer: Party;
  const asked: string[] = [];
  let answer: RequestListener;
  let places: Record<string, Uint8Array>;
  const host = () => new URL(url).host;
  const point = (place: string) =>
    encode.sequence(
      encode.sequence(encode.explicit(0, encode.explicit(0, generalName.uri(`${url}/${place}`)))),
    );
  const lists = (place: string, maker: Party) => ({
    issuer: maker,
    extensions: { [extensions.crlDistributionPoints]: point(place) },
  });
  const validate = async (party: Party) => {
    const pdf = await signedPdf(['Công văn'], { party, lasting: false, stampedAt: null });
    const ticket = await house.ticketOf(pdf, 'application/pdf', asker);
    return house.client(validations).validate({ files: [ticket] }, asker);
  };
  const allow = (text: string, inside = true) =>
    house
      .client(trust)
      .addStatusHost(
        { host: text, inside, validFrom: '2024-01-01', legalBasis: 'Danh mục của tỉnh' },
        keeper,
      );
  const forget = () =>
    database.transaction({}, (manager) => manager.query('delete from status_answer'));

  const below = issue({ subject: 'CN=CA dưới', issuer: authority, ca: true });
  const [from, to] = [-1, 20].map((hours) =>
    new Date(Date.now() + hours * 3_600_000).toISOString(),
  );
  const belowList = crl(below, { from, to }).bytes;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [ofRoot, ofAuthority] = currentCrls().map(({ bytes }) => bytes);
    places = {
      '/root.crl': ofRoot!,
      '/ca.crl': ofAuthority!,
      '/ca.crt': below.certificate.bytes,
      '/below.crl': belowList,
    };
    answer = (request, response) => {
      const found = places[request.url!];
      response.writeHead(found ? 200 : 404).end(found);
    };
    house = await House.open();
    database = (await house.start('signatures', SignaturesModule)).get(Database);
    asker = await house.as({ permissions: [] });
    keeper = await house.as({ permissions: ['signatures.keep-trust'], reach: 'all' });
    for (const row of trustOfSigners('official-duty')) {
      // The issuing authority counts as known and good: only the signer's status is asked for.
      await house.client(trust).addAnchor({ ...row, pem: pemOf(authority) }, keeper);
    }
    signer = issue({ subject: 'CN=Lê Đức Anh', ...lists('ca.crl', authority) });
  });
  afterAll(async () => {
    await house.close();
    server.closeAllConnections();
    server.close();
  });

  it('is not asked of a host that is on no list, and it is said which', async () => {
    const found = await validate(signer);
    expect(found).toMatchObject({
      ...{ verdict: 'INDETERMINATE', unreached: [host()] },
      signatures: [{ subIndication: 'TRY_LATER' }],
    });
    expect(asked).toEqual([]);
  });

  it('does not leave for a private address unless the list says so', async () => {
    const row = await allow(host(), false);
    expect((await validate(signer)).verdict).toBe('INDETERMINATE');
    expect(asked).toEqual([]);
    await house.client(trust).endStatusHost({ id: row.id, validTo: '2024-01-02' }, keeper);
    await expect(fetchStatus(new URL(url), { inside: false })).rejects.toThrow(NotFetched);
    const named = new URL(url.replace('127.0.0.1', 'localhost'));
    await expect(fetchStatus(named, { inside: false })).rejects.toThrow('a private address');
    expect(asked).toEqual([]);
  });

  it('is asked of a host that is on it, once for a while', async () => {
    await database.transaction({}, (manager) =>
      manager.query(
        `insert into status_host (id, host, inside, valid_from, legal_basis)
         values (gen_random_uuid(), $1, true, '2025-01-01', 'Danh mục của tỉnh')`,
        [host()],
      ),
    );
    const found = await validate(signer);
    expect(found).toMatchObject({ verdict: 'TOTAL_PASSED', unreached: [] });
    expect((await validate(signer)).verdict).toBe('TOTAL_PASSED');
    expect(asked).toEqual(['/ca.crl']);
  });

  it('goes up: an issuer that was left out is fetched, and its status is asked for too', async () => {
    asked.length = 0;
    const access = encode.sequence(
      encode.sequence(encode.oid(accessMethods.caIssuers), generalName.uri(`${url}/ca.crt`)),
    );
    const party = issue({
      subject: 'CN=Người ký',
      issuer: below,
      extensions: {
        [extensions.authorityInfoAccess]: access,
        [extensions.crlDistributionPoints]: point('below.crl'),
      },
    });
    await validate(party);
    expect(asked).toContain('/ca.crt');
    expect(asked).toContain('/below.crl');
  });

  it('is asked of the list when a responder does not know the certificate', async () => {
    asked.length = 0;
    const access = encode.sequence(
      encode.sequence(encode.oid(accessMethods.ocsp), generalName.uri(`${url}/ocsp`)),
    );
    const party = issue({
      subject: 'CN=Chưa biết',
      issuer: authority,
      extensions: {
        [extensions.authorityInfoAccess]: access,
        [extensions.crlDistributionPoints]: point('known.crl'),
      },
    });
    const { certificate } = party;
    const times = { from, to, producedAt: from };
    places['/ocsp'] = ocspBytes({ certificate, issuer: authority, status: 'unknown', ...times });
    places['/known.crl'] = places['/ca.crl']!;
    expect(await validate(party)).toMatchObject({ verdict: 'TOTAL_PASSED', unreached: [] });
    expect(asked).toEqual(['/ocsp', '/known.crl']);
  });

  it('is asked of the responder named for the root when a certificate names none', async () => {
    asked.length = 0;
    const party = issue({ subject: 'CN=Không nơi hỏi', issuer: authority });
    const { certificate } = party;
    const times = { from, to, producedAt: from };
    places['/root-ocsp'] = ocspBytes({ certificate, issuer: authority, ...times });
    const name = (address: string | null) =>
      database.transaction({}, (manager) =>
        manager.query('update trust_anchor set ocsp_url = $1', [address]),
      );
    expect(await validate(party)).toMatchObject({ verdict: 'INDETERMINATE', unreached: [] });
    await name('http://ocsp.example.vn/hoi');
    expect(await validate(party)).toMatchObject({
      ...{ verdict: 'INDETERMINATE', unreached: ['ocsp.example.vn'] },
      signatures: [{ subIndication: 'TRY_LATER' }],
    });
    await name(`${url}/root-ocsp`);
    expect(await validate(party)).toMatchObject({ verdict: 'TOTAL_PASSED', unreached: [] });
    expect(asked).toEqual(['/root-ocsp']);
    // Where a certificate says itself whom to ask, nobody else is.
    asked.length = 0;
    await forget();
    expect((await validate(signer)).verdict).toBe('TOTAL_PASSED');
    expect(asked).toEqual(['/ca.crl']);
    await name(null);
  });

  it('is not asked for strangers who say that a trusted authority issued their certificate', async () => {
    asked.length = 0;
    const forger = { ...authority, keys: ecKeys() };
    const party = issue({ subject: 'CN=Kẻ lạ', ...lists('forged.crl', forger) });
    expect(await validate(party)).toMatchObject({ verdict: 'INDETERMINATE', unreached: [] });
    expect(asked).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['leads elsewhere', (_, response) => response.writeHead(302, { location: `${url}/x` }).end()],
    ['has an error', (_, response) => response.writeHead(500).end()],
    [
      'sends without end',
      (_, response) => {
        const more = Buffer.alloc(1_000_000);
        const push = () => {
          while (!response.destroyed && response.write(more));
          if (!response.destroyed) response.once('drain', push);
        };
        response.writeHead(200);
        push();
      },
    ],
    ['never answers', () => {}],
  ])('is unknown when a host %s', async (_, behaviour) => {
    asked.length = 0;
    answer = behaviour;
    const started = performance.now();
    await expect(fetchStatus(new URL(`${url}/ca.crl`), { inside: true })).rejects.toThrow(
      NotFetched,
    );
    expect(performance.now() - started).toBeLessThan(7_000);
    expect(asked).toEqual(['/ca.crl']);
  });

  it('is unknown when a host lies, and nothing false is remembered', async () => {
    await forget();
    answer = (_, response) => response.writeHead(200).end('không phải CRL');
    const found = await validate(signer);
    expect(found).toMatchObject({
      verdict: 'INDETERMINATE',
      signatures: [{ subIndication: 'TRY_LATER' }],
    });
    expect(await database.query('select 1 from status_answer')).toEqual([]);
  });

  it('takes addresses as they are listed', () => {
    const row = { host: 'ocsp.ca.gov.vn', inside: false } as never;
    expect(rowFor(new URL('http://ocsp.ca.gov.vn/x'), [row])).toBe(row);
    for (const other of [
      'http://ocsp.ca.gov.vn:8080/x',
      'http://a.ocsp.ca.gov.vn',
      'http://ocsp.ca.gov.vn.example',
      'http://me@ocsp.ca.gov.vn',
      'ftp://ocsp.ca.gov.vn',
      'ldap://ocsp.ca.gov.vn',
    ]) {
      expect(rowFor(new URL(other), [row])).toBeUndefined();
    }
  });
});
