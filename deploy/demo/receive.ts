import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zone } from '@eoffice/platform/local-time';
import { answerIt } from './answer.js';
import type { Player } from './cast.js';
import { requestForReport } from './letters.js';
import { bookOf, type Page, type Stage, taskOf, today, type Versioned, ward } from './stage.js';
import { act, tell } from './timeline.js';

interface Registered extends Versioned {
  number: number;
  dueAt: string;
  duplicates: { number: number }[];
}

const dueFormat = new Intl.DateTimeFormat('vi-VN', {
  timeZone: zone,
  dateStyle: 'short',
  timeStyle: 'short',
});

/** The main job: a PDF comes in, is registered, handled, answered, numbered and issued. */
export async function receive(stage: Stage) {
  act(`A document comes in at ${ward}`);
  const { cast, folder } = stage;
  const clerk = await cast.at(ward, /^Văn thư/);
  const leader = await cast.at(ward, /^Chủ tịch/);
  const head = await cast.at(ward, /^Trưởng phòng/, 'P. Kinh tế');
  const official = await cast.at(ward, /^Chuyên viên/, 'P. Kinh tế');
  const { id, version } = await register(clerk, folder);

  const path = `/v1/incoming-documents/${id}`;
  const presented = await clerk.client.change<Versioned>(`${path}/presentation`, version, {
    ...{ leaderId: leader.personId, note: 'Kính trình Chủ tịch' },
  });
  tell(clerk.called, `presents it to ${leader.called}`);
  await leader.client.change(`${path}/assignment`, presented.version, {
    assignees: [
      { unitId: head.unitId, role: 'lead' },
      { personId: clerk.personId, role: 'inform' },
    ],
    opinion: 'Phòng Kinh tế chủ trì, báo cáo trước hạn',
  });
  tell(leader.called, 'assigns it: P. Kinh tế leads, the clerk is informed');
  const given = await taskOf(head, id);
  await head.client.post(`/v1/tasks/${given.id}/transfer`, { personId: official.personId });
  tell(head.called, `hands it to ${official.called}`);
  await official.client.post(`${path}/opinions`, { text: 'Đã thu thập số liệu của các đơn vị' });
  tell(official.called, 'gives an opinion');

  const symbol = await answerIt({ clerk, leader, head, official }, id, folder);

  const own = await taskOf(official, id);
  await official.client.post(`/v1/tasks/${own.id}/completion`, { note: `Đã trả lời: ${symbol}` });
  const { items: steps } = await clerk.client.get<Page<unknown>>(`${path}/steps`);
  tell(official.called, `completes it; ${steps.length} steps are kept for ever`);
}

/** Registers the letter, and once more by mistake: it is kept, and the clerk is warned. */
async function register(clerk: Player, folder: string): Promise<Registered> {
  await mkdir(folder, { recursive: true });
  const letter = await requestForReport(today());
  await writeFile(join(folder, 'van-ban-den.pdf'), letter);
  // A file name in NFD, as some systems send it, is kept in NFC.
  const ticket = await clerk.client.upload('Công văn đến.pdf'.normalize('NFD'), letter);
  const registration = {
    ...{ bookId: await bookOf(clerk, 'incoming'), type: 'CV', urgency: 'urgent' },
    ...{ author: 'Sở Khoa học và Công nghệ tỉnh Lâm Đồng', documentDate: today() },
    reference: '1042/SKHCN-CĐS',
    abstract: 'Báo cáo hiện trạng ứng dụng công nghệ thông tin tại phường 1 Bảo Lộc',
  };
  const { client, called } = clerk;
  const input = { ...registration, files: [ticket] };
  const document = await client.post<Registered>('/v1/incoming-documents', input);
  const due = dueFormat.format(new Date(document.dueAt));
  tell(called, `registers it: số đến ${document.number}, due ${due}`);
  const again = await client.post<Registered>('/v1/incoming-documents', registration);
  const before = again.duplicates.map(({ number }) => number).join(', ');
  tell(called, `once more: số đến ${again.number}, warned that ${before} is the same`);
  return document;
}
