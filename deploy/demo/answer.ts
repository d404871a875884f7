import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Player } from './cast.js';
import { report } from './letters.js';
import { bookOf, type Versioned } from './stage.js';
import { act, tell } from './timeline.js';

type Office = Record<'clerk' | 'leader' | 'head' | 'official', Player>;

interface Issued {
  id: string;
  symbol: string;
  dateLine: string;
  files: { sha256: string }[];
}

/**
 * Drafts the answer to an incoming document, has it changed once, checked, approved, numbered and
 * issued. Returns the number and symbol.
 */
export async function answerIt(office: Office, answers: string, folder: string): Promise<string> {
  act('It is answered');
  const { clerk, head, leader } = office;
  const { path, version } = await draftTwice(office, answers);
  const checked = await head.client.change<Versioned>(`${path}/content-check`, version);
  tell(head.called, 'answers for the content');
  const formed = await clerk.client.change<Versioned>(`${path}/format-check`, checked.version);
  tell(clerk.called, 'answers for the form (Nghị định 30/2020)');
  const approved = await leader.client.change<Versioned>(`${path}/approval`, formed.version);
  tell(leader.called, 'approves it');
  const bookId = await bookOf(clerk, 'outgoing');
  const { id } = await clerk.client.change<Issued>(`${path}/issue`, approved.version, { bookId });
  const issued = await clerk.client.get<Issued>(`/v1/outgoing-documents/${id}`);
  tell(clerk.called, `issues it: ${issued.symbol}, ${issued.dateLine}`);
  const [file] = issued.files;
  const content = await clerk.client.download(`/v1/outgoing-documents/${id}/files/${file!.sha256}`);
  await writeFile(join(folder, 'van-ban-di.pdf'), content);
  return issued.symbol;
}

/** Two versions with a comment between them, and what the comparison shows. */
async function draftTwice({ leader, head, official }: Office, answers: string) {
  const content = {
    ...{ type: 'BC', recipients: ['Sở Khoa học và Công nghệ', 'Lưu: VT, KT'] },
    ...{ signerId: leader.personId, capacity: 'head', answers: [answers] },
    abstract: 'Hiện trạng ứng dụng công nghệ thông tin tại phường 1 Bảo Lộc',
  };
  const upload = async (share: number) => {
    const pdf = await report(share, leader.fullName);
    return [await official.client.upload('Dự thảo báo cáo.pdf', pdf)];
  };
  const first = { ...content, unitId: official.unitId, files: await upload(82) };
  const draft = await official.client.post<Versioned>('/v1/drafts', first);
  tell(official.called, 'drafts the answer');
  const path = `/v1/drafts/${draft.id}`;
  await head.client.post(`${path}/comments`, { text: 'Tỷ lệ có hộp thư là 92 phần trăm' });
  tell(head.called, 'comments on it');
  const second = { ...content, files: await upload(92) };
  const { version } = await official.client.change<Versioned>(
    `${path}/versions`,
    draft.version,
    second,
  );
  const { text } = await head.client.get<{ text: { kind: string; text: string }[] }>(
    `${path}/comparison?from=1&to=2`,
  );
  const runs = text.filter(({ kind }) => kind !== 'same').map((each) => each.text.trim());
  tell(official.called, `writes version 2; the comparison shows ${runs.join(' → ')}`);
  return { path, version };
}
