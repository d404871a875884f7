import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  documentSigned,
  incomingSignable,
  preservationExtended,
  preservationFailed,
  preservations,
  trust,
  validationPolicies,
  validations,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { LocalFileStore } from '@eoffice/platform/files';
import * as encode from '@eoffice/signing/asn1/encode';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { answerTimeStampRequest } from '@eoffice/signing/cms/time-stamp-authority';
import { extensions, keyPurposes } from '@eoffice/signing/oids';
import { authority } from '@eoffice/signing/pdf/testing/signers';
import { generalName, issue, type Party } from '@eoffice/signing/testing/authority';
import { crl } from '@eoffice/signing/testing/revocation';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import {
  currentCrls,
  pemOf,
  signedPdf,
  tampered,
  trustOfSigners,
} from '@eoffice/testing/signed-files';
import { SignaturesModule } from '../signatures.module.js';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

describe('signed files that are kept for the long term', () => {
  let house: House;
  let database: Database;
  let agency: Agency;
  let keeper: Caller;
  let reader: Caller;
  let server: Server;
  let url: string;
  let stamper: Party | undefined;
  let serial = 0;
  let list: Buffer;
  const documentId = randomUUID();
  let source: Buffer;

  const point = () => ({
    [extensions.crlDistributionPoints]: encode.sequence(
      encode.sequence(encode.explicit(0, encode.explicit(0, generalName.uri(`${url}/ca.crl`)))),
    ),
  });
  const stamperUntil = (days: number) =>
    issue({
      ...{ subject: `CN=TSA ${days}`, issuer: authority, to: inDays(days).toISOString() },
      extensions: {
        ...point(),
        [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
      },
      critical: { [extensions.extendedKeyUsage]: true },
    });
  const listed = async () => {
    const { items } = await house.client(preservations).list({ documentId }, reader);
    return items[0]!;
  };
  const dueNow = () =>
    database.transaction({}, (manager) =>
      manager.query('update preservation set renew_at = now(), attempts = 0'),
    );
  /** The authority issues a list, and what it said before is no longer remembered. */
  const newList = async () => {
    const [from, to] = [new Date(), inDays(1)].map((moment) => moment.toISOString());
    list = crl(authority, { from, to }).bytes;
    await database.transaction({}, (manager) => manager.query('delete from status_answer'));
  };
  const store = () => new LocalFileStore(house.filesFolder);
  const keep = (content: Buffer) => store().put(Readable.from([content]), { maxBytes: 20_000_000 });
  const validate = async (content: Buffer) => {
    const ticket = await house.ticketOf(content, 'application/pdf', keeper);
    return house.client(validations).validate({ files: [ticket] }, keeper);
  };

  beforeAll(async () => {
    list = currentCrls()[1]!.bytes;
    server = createServer((request, response) => {
      if (request.url === '/ca.crl') return void response.end(list);
      void buffer(request).then((body) => {
        if (!stamper) return response.writeHead(503).end();
        const { certificate, keys } = stamper;
        const key = new LocalKey(keys.privateKey, new CmsSigner({ certificate }));
        const options = { time: new Date(), serial: Buffer.of(++serial), policy: '2.999.1' };
        response.end(answerTimeStampRequest(body, key, options));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    house = await House.open();
    database = (await house.start('signatures', SignaturesModule)).get(Database);
    agency = await openAgency(house);
    keeper = await house.as({
      permissions: ['signatures.keep-trust', 'signatures.keep-policies'],
      reach: 'all',
    });
    reader = await house.as({
      permissions: ['signatures.read-validations'],
      organisationId: agency.organisationId,
    });
    const since = { validFrom: '2024-01-01', legalBasis: 'Chỉ để kiểm thử' };
    for (const row of trustOfSigners('official-duty')) {
      await house.client(trust).addAnchor({ ...row, pem: pemOf(authority) }, keeper);
    }
    const host = { ...since, host: new URL(url).host, inside: true };
    await house.client(trust).addStatusHost(host, keeper);
    const tsa = { ...since, name: 'TSA', url: `${url}/tsa`, priority: 1, timeoutSeconds: 5 };
    await house.client(trust).addTimeStamper(tsa, keeper);
    const to = inDays(60).toISOString();
    const party = issue({ subject: 'CN=Lê Đức Anh', issuer: authority, to, extensions: point() });
    const stampedBy = stamperUntil(90);
    source = await signedPdf(['QUYẾT ĐỊNH'], { party, stampedBy, lasting: false });
  }, 30_000);
  afterAll(async () => {
    await house.close();
    server.closeAllConnections();
    server.close();
  });

  it('wait while nobody stamps, and say so', async () => {
    const { organisationId } = agency;
    const files = [await keep(source)];
    const fact = { documentId, organisationId, number: 1, year: 2026, files };
    await house.announce(incomingSignable, documentId, fact);
    const noted = (text: string) =>
      eventually(async () => {
        expect(await listed()).toMatchObject({ state: 'waiting', steps: [] });
        expect((await listed()).note).toContain(text);
      });
    await noted('no time stamp: TSA');
    const { id } = await listed();
    expect(await problemOf(house.client(preservations).file({ id }, reader))).toBe('not-found');
  });

  it('are given their evidence and a time stamp over it, and stay what they were', async () => {
    stamper = stamperUntil(100);
    await dueNow();
    await eventually(async () => expect((await listed()).state).toBe('kept'));
    const { id, steps, sha256, renewAt, note } = await listed();
    expect(note).toBeUndefined();
    expect(steps).toHaveLength(1);
    expect(+new Date(steps[0]!.lastsUntil)).toBe(+stamper.certificate.notAfter);
    // No status is newer than the signature yet: what is known is stamped, and soon asked again.
    expect(+new Date(renewAt)).toBeLessThan(+inDays(2));
    const file = await house.client(preservations).file({ id }, reader);
    expect(file.sha256).toBe(sha256);
    const content = await buffer(await store().open(file.sha256));
    expect(content.subarray(0, source.length).equals(source)).toBe(true);
    expect(await validate(content)).toMatchObject({
      verdict: 'TOTAL_PASSED',
      signatures: [{ timeStamps: [{ kind: 'signature' }, { kind: 'archive' }] }],
    });
    const [event] = await house.announced(preservationExtended);
    expect(event!.data).toMatchObject({ documentId, sha256, preservationId: id });
    const stranger = await house.as({
      permissions: ['signatures.read-validations'],
      organisationId: randomUUID(),
    });
    expect((await house.client(preservations).list({ documentId }, stranger)).items).toEqual([]);
  });

  it('are stamped again before the stamp ends, and hold when signer and first stamp have ended', async () => {
    stamper = stamperUntil(3_650);
    await newList();
    await dueNow();
    await eventually(async () => expect((await listed()).steps).toHaveLength(2));
    const { id, steps, renewAt } = await listed();
    expect(steps[1]!.fromSha256).toBe(steps[0]!.sha256);
    expect(+new Date(renewAt)).toBeGreaterThan(+inDays(3_400));
    const file = await house.client(preservations).file({ id }, reader);
    const kept = await validate(await buffer(await store().open(file.sha256)));
    const bare = await validate(source);
    expect([kept.verdict, bare.verdict]).toEqual(['TOTAL_PASSED', 'TOTAL_PASSED']);
    // The status of who stamped last would be asked for then; here it may be as old as the stamp.
    const { items } = await house.client(validationPolicies).list({}, keeper);
    const { id: _, validTo: __, ...general } = items.find(({ name }) => name === 'general')!;
    const later = { ...general, name: 'later', stamperMaxAgeHours: 100_000 };
    await house.client(validationPolicies).enact(later, keeper);
    const judged = (validationId: string) =>
      house
        .client(validations)
        .replay(
          { id: validationId, policy: 'later', at: inDays(200).toISOString() as never },
          keeper,
        );
    expect(await judged(kept.id)).toMatchObject({ verdict: 'TOTAL_PASSED' });
    expect(await judged(bare.id)).toMatchObject({ verdict: 'INDETERMINATE' });
  });

  it('are given up when their signatures do not hold, and it is announced', async () => {
    const broken = await keep(tampered(source));
    const draftId = randomUUID();
    const signatureId = randomUUID();
    await house.announce(documentSigned, signatureId, {
      ...{ signatureId, draftId, agencyId: agency.organisationId, personId: randomUUID() },
      ...{ kind: 'personal', rootSha256: 'a'.repeat(64), level: 'B-T', ...broken },
    });
    await eventually(async () => {
      const found = 'select 1 from preservation where subject_id = $1';
      expect(await database.query(found, [draftId])).toHaveLength(1);
    });
    await dueNow();
    const [event] = await house.announced(preservationFailed);
    expect(event!.data).toMatchObject({
      sourceSha256: broken.sha256,
      reason: expect.stringContaining('HASH_FAILURE'),
    });
    const { items } = await house.client(preservations).list({ documentId: draftId }, reader);
    expect(items).toMatchObject([{ state: 'failed', steps: [] }]);
  });
});
