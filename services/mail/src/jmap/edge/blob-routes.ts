import { Injectable } from '@nestjs/common';
import { NotFound, Problem, TooMany } from '@eoffice/contracts';
import { isId } from '@eoffice/jmap/shapes';
import { Database } from '@eoffice/platform/database';
import { contentDisposition } from '@eoffice/platform/text';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contextOf, type MailAccount } from './account.js';
import { EmailReader } from '../emails/email-reader.js';
import { Authentication } from './authentication.js';
import { blobOf, keepUpload } from '../blobs.js';
import { Crowd } from './crowd.js';
import { limits } from '../limits.js';

/** Uploads lie in memory until they are whole. */
const mostUploads = 16;
const mediaType = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:\s*;[\x20-\x7e]{0,200})?$/;
const anyType = 'application/octet-stream';

/** Octets in and out (RFC 8620, 6). */
@Injectable()
export class BlobRoutes {
  private readonly uploading = new Crowd(limits.maxConcurrentUpload, mostUploads);

  constructor(
    private readonly database: Database,
    private readonly authentication: Authentication,
    private readonly reader: EmailReader,
  ) {}

  mount(http: FastifyInstance) {
    void http.register(async (plain: FastifyInstance) => {
      plain.removeAllContentTypeParsers();
      plain.addContentTypeParser('*', (_, payload, done) => done(null, payload));
      plain.post('/jmap/upload/:accountId', async (request, reply) =>
        reply.status(201).send(await this.upload(request)),
      );
    });
    http.get('/jmap/download/:accountId/:blobId/:name', async (request, reply) => {
      const { blobId, name } = request.params as { blobId: string; name: string };
      const { account } = await this.accountOf(request, 'read');
      const octets = await blobOf(this.database.manager, this.reader, account.id, blobId);
      if (!octets) throw new NotFound();
      // What strangers sent is never shown as a page of ours, whatever it says it is.
      return reply
        .header('content-disposition', contentDisposition(name))
        .header('content-type', typeOf((request.query as { type?: string }).type))
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('cache-control', 'private, no-cache')
        .send(octets);
    });
  }

  private async upload(request: FastifyRequest) {
    const { account, caller } = await this.accountOf(request, 'write');
    const leave = this.uploading.enter(caller.personId);
    if (!leave) throw new TooMany();
    try {
      const octets = await whole(request.body as NodeJS.ReadableStream | undefined);
      const type = typeOf(request.headers['content-type']);
      const upload = { mailboxId: account.id, type, octets, uploadedBy: caller.personId };
      const blobId = await this.database.transaction({}, (manager) => keepUpload(manager, upload));
      if (!blobId) throw new TooMany(tooMuch);
      return { accountId: account.id, blobId, type, size: octets.length };
    } finally {
      leave();
    }
  }

  private async accountOf(request: FastifyRequest, wish: 'read' | 'write') {
    const asker = await this.authentication.askerOf(request);
    const { accountId } = request.params as { accountId: string };
    const { accountOf } = await contextOf(this.database, asker);
    const account = isId(accountId) ? await accountOf(accountId) : undefined;
    if (!account) throw new NotFound();
    if (wish === 'write' && account.isReadOnly) throw readOnly();
    return { account: account satisfies MailAccount, caller: asker.caller };
  }
}

const tooMuch = {
  vi: 'Các tệp đã tải lên hộp thư này quá lớn, hãy thử lại sau',
  en: 'Too much has been uploaded to this mailbox; try again later',
};
const readOnly = () =>
  new Problem('forbidden', 403, {
    vi: 'Bạn chỉ được đọc hộp thư này',
    en: 'You may only read this mailbox',
  });

const typeOf = (given: string | undefined) => (given && mediaType.test(given) ? given : anyType);

async function whole(body: NodeJS.ReadableStream | undefined): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += (piece as Buffer).length;
    if (size > limits.maxSizeUpload) {
      throw Object.assign(new Error('too large'), { statusCode: 413 });
    }
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}
