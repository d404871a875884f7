import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  incoming,
  incomingSignable,
  preservationExtended,
  preservationFailed,
  validationConcluded,
  type ValidationFact,
} from '@eoffice/contracts';
import { localYear } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { pdfOf } from '@eoffice/testing/files';
import { eventually, House } from '@eoffice/testing/house';
import { DocumentsModule } from '../documents.module.js';

describe('verdicts on the signatures of incoming documents', () => {
  let house: House;
  let agency: Agency;
  let documentId: string;
  let sha256: string;
  const find = () => house.client(incoming).find({ id: documentId }, agency.callers.clerk);
  const conclude = (fact: Partial<ValidationFact>) => {
    const validationId = randomUUID();
    const whole = { validationId, sha256, documentId, verdict: 'TOTAL_PASSED', lists: [], ...fact };
    return house.announce(validationConcluded, validationId, whole as ValidationFact);
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house);
    const { organisationId, callers } = agency;
    const book = { organisationId, year: localYear(), code: 'CHUNG', name: 'Sổ đến' };
    const { id: bookId } = await eventually(() =>
      house.client(books).open({ ...book, direction: 'incoming' }, callers.clerk),
    );
    const files = [
      await house.ticketOf(await pdfOf('Công văn'), 'application/pdf', callers.clerk, 'cv.pdf'),
      await house.ticketOf('phụ lục', 'text/plain', callers.clerk, 'pl.txt'),
    ];
    const letter = { bookId, author: 'Sở Nội vụ', abstract: 'Về việc báo cáo', files };
    const made = await house.client(incoming).register(letter as never, callers.clerk);
    documentId = made.id;
    const found = await find();
    sha256 = found.files[0]!.sha256;
    expect(found.signatures).toEqual([]);
  });
  afterAll(() => house.close());

  it('are asked for by the event, for PDF files only', async () => {
    const [event] = await house.announced(incomingSignable);
    expect(event!.data.files).toEqual([{ sha256, size: expect.any(Number) }]);
  });

  it('stand beside the document, the newest word last', async () => {
    const reason = { vi: 'Chưa có thông tin thu hồi đủ mới.', en: 'No status yet.' };
    await conclude({ verdict: 'INDETERMINATE', reason, lists: ['public'] });
    await eventually(async () =>
      expect((await find()).signatures).toMatchObject([
        { sha256, verdict: 'INDETERMINATE', reason, lists: ['public'] },
      ]),
    );
    const { subject } = await conclude({ lists: ['public'] });
    await eventually(async () => {
      const { signatures } = await find();
      expect(signatures).toMatchObject([{ verdict: 'TOTAL_PASSED', validationId: subject }]);
      expect(signatures[0]!.reason).toBeUndefined();
    });
  });

  it('of other files and of what somebody asked for themselves are none of its business', async () => {
    const before = await find();
    await conclude({ sha256: 'a'.repeat(64), verdict: 'TOTAL_FAILED' });
    await conclude({ documentId: undefined, verdict: 'TOTAL_FAILED' });
    const { subject } = await conclude({ verdict: 'TOTAL_FAILED' });
    await eventually(async () => {
      const { signatures } = await find();
      expect(signatures).toMatchObject([{ verdict: 'TOTAL_FAILED', validationId: subject }]);
    });
    expect(before.signatures).toHaveLength(1);
  });

  it('are followed by what is kept of the file for the long term, and when it is stamped again', async () => {
    const preservationId = randomUUID();
    const { organisationId } = agency;
    const about = { preservationId, documentId, organisationId, sourceSha256: sha256 };
    expect((await find()).preserved).toEqual([]);
    const renewAt = new Date('2031-05-06T07:08:09Z');
    const kept = { ...about, sha256: 'b'.repeat(64), renewAt };
    await house.announce(preservationExtended, preservationId, {
      ...kept,
      preservationId: randomUUID(),
      documentId: randomUUID(),
    });
    await house.announce(preservationExtended, preservationId, kept);
    const shown = { preservationId, sourceSha256: sha256, sha256: 'b'.repeat(64) };
    await eventually(async () =>
      expect((await find()).preserved).toEqual([{ ...shown, renewAt: renewAt.toISOString() }]),
    );
    const reason = 'Chữ ký số không còn hợp lệ.';
    await house.announce(preservationFailed, preservationId, { ...about, reason });
    await eventually(async () =>
      expect((await find()).preserved).toEqual([{ ...shown, problem: reason }]),
    );
  });
});
