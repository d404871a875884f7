import type { OutgoingDetails, StoredFile } from '@eoffice/contracts';
import { fileNameOf } from '@eoffice/platform/file-names';
import { zone } from '@eoffice/platform/local-time';
import { composeMessage } from '@eoffice/mime/compose-message';

/** A document as it goes out by mail. */
export interface Letter {
  document: OutgoingDetails;
  /** The agency that issued it; not said where it is not known. */
  agency?: string;
  from: { name: string; email: string };
  to: string[];
  note?: string;
  files: StoredFile[];
  /** Their contents, by SHA-256. */
  contents: ReadonlyMap<string, Buffer>;
  messageId: string;
}

/** Each file in its newest signed form; the document itself is called by its number and symbol. */
export function filesOf({ files, signed, symbol }: OutgoingDetails): StoredFile[] {
  return files.map((file, index) => {
    const made = signed.filter(({ rootSha256 }) => rootSha256 === file.sha256).at(-1);
    const isDocument = index === 0 && file.mediaType === 'application/pdf';
    const name = isDocument ? `${symbol.replace(/[^\p{L}\p{N}-]+/gu, '-')}.pdf` : file.name;
    const { sha256, size } = made ?? file;
    return { sha256, name: fileNameOf(name), mediaType: file.mediaType, size: Number(size) };
  });
}

/** What the mail is called: number and symbol, then the abstract. */
export const subjectOf = ({ symbol, abstract }: OutgoingDetails) => `${symbol} - ${abstract}`;

/** The octets of the mail: a letter in Vietnamese that says what goes with it, and the files. */
export function letterOf(letter: Letter): Buffer {
  const { document, from, to, files, contents, messageId } = letter;
  return composeMessage(
    {
      from: [from],
      to: to.map((email) => ({ name: null, email })),
      subject: subjectOf(document),
      textBody: [{ partId: 'text', type: 'text/plain' }],
      bodyValues: { text: { value: textOf(letter) } },
      attachments: files.map(({ sha256, name, mediaType }) => ({
        ...{ blobId: sha256, name, type: mediaType, disposition: 'attachment' },
      })),
    },
    { blobs: contents, messageId, date: localMoment(new Date()) },
  );
}

function textOf({ document, agency, note, files }: Letter): string {
  const { symbol, dateLine, abstract, signerName } = document;
  return [
    ...['Kính gửi: Quý cơ quan, đơn vị,', ''],
    `${agency ?? 'Cơ quan chúng tôi'} gửi kèm thư này văn bản:`,
    ...['', `Số, ký hiệu: ${symbol}`, `Địa danh, ngày ban hành: ${dateLine}`],
    ...[`Trích yếu: ${abstract}`, `Người ký: ${signerName}`, ''],
    ...(note ? [note, ''] : []),
    'Tệp gửi kèm và mã băm SHA-256 để đối chiếu:',
    ...files.map(({ name, sha256 }) => `- ${name}\n  ${sha256}`),
    ...['', 'Trân trọng.', ''],
  ].join('\n');
}

/** RFC 3339 in the time of Vietnam. */
function localMoment(moment: Date): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: zone, dateStyle: 'short', timeStyle: 'medium' },
  }).format(moment);
  return `${parts.replace(' ', 'T')}+07:00`;
}
