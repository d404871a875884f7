import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import {
  Caller,
  Forbidden,
  Invalid,
  Problem,
  type StoredFile,
  Unauthenticated,
} from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import { fileNameOf } from '@eoffice/platform/file-names';
import { FileStore, type Staged } from '@eoffice/platform/files';
import { TooSlow } from '@eoffice/platform/http-problems';
import { mediaTypeOf } from '@eoffice/platform/media-types';
import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewaySettings } from '../config.js';
import type { TokenOf } from '../http/token-of.js';
import type { Aside } from '../routes/mount-contracts.js';
import { factsOf } from '../routes/request-facts.js';

const maxFiles = 20;
const ticketSeconds = 24 * 3600;
/** How long a stranger's file may take to come in. */
const asideMs = 60_000;

/** A file that was kept, and the ticket that stands for it in other requests. */
export interface Uploaded extends StoredFile {
  ticket: string;
  expiresAt: string;
}

/** Takes files in, as a stream: `POST /v1/files`, multipart/form-data, one part a file. */
@Injectable()
export class Uploads {
  constructor(
    private readonly files: FileStore,
    private readonly keys: SigningKeys,
    private readonly callers: Callers,
    private readonly database: Database,
    private readonly settings: GatewaySettings,
  ) {}

  async mount(http: FastifyInstance, tokenOf: TokenOf) {
    const fileSize = this.settings.uploadLimitMb * 1024 * 1024;
    await http.register(multipart, {
      // The parser cuts off what reaches its limit; the store refuses what is larger than ours.
      limits: {
        fileSize: fileSize + 1,
        files: maxFiles,
        fields: 10,
        fieldSize: 1_000,
        parts: maxFiles + 10,
      },
      throwFileSizeLimit: false,
    });
    http.post(
      '/v1/files',
      {
        bodyLimit: maxFiles * fileSize,
        config: { rateLimit: { max: 120 }, bodyMayTakeLong: true },
      },
      async (request, reply) => {
        const caller = await this.callerOf(request, tokenOf);
        return reply.status(201).send({ files: await this.take(request, caller, fileSize) });
      },
    );
  }

  /** The one file of a request, for an operation that takes one. Nobody has to be signed in. */
  async layAside(request: FastifyRequest, maxBytes: number): Promise<Aside> {
    if (!request.isMultipart()) throw noFile('/file');
    for await (const part of partsOf(request, maxBytes)) {
      const late = setTimeout(() => part.file.destroy(new TooSlow()), asideMs).unref();
      try {
        // What it is, is for the operation to say: nothing but its answer comes of it.
        const { aside, discard } = await this.files.stage(part.file, { maxBytes: maxBytes - 1 });
        return { aside, name: nameOf(part.filename), discard };
      } catch (error) {
        throw asBrokenForm(error);
      } finally {
        clearTimeout(late);
      }
    }
    throw noFile('/file');
  }

  private async callerOf(request: FastifyRequest, tokenOf: TokenOf): Promise<Caller> {
    const token = await tokenOf(request);
    const caller = await this.callers.callerOf({ ...factsOf(request), token });
    if (!caller.accountId) throw new Unauthenticated();
    if (caller.positions.length === 0) throw new Forbidden();
    return caller;
  }

  /** All files of a request are kept, or none: each lies aside until the last has come in whole. */
  private async take(request: FastifyRequest, caller: Caller, maxBytes: number) {
    if (!request.isMultipart()) throw noFile();
    const staged: (Staged & StoredFile)[] = [];
    try {
      for await (const part of partsOf(request)) staged.push(await this.stage(part, maxBytes));
      if (staged.length === 0) throw noFile();
      const taken = await Promise.all(staged.map((each) => this.ticketFor(each, caller)));
      for (const { keep } of staged) await keep();
      const { actor, request: facts } = caller;
      await this.database.transaction({ actor, request: facts }, async (_, __, record) => {
        for (const { sha256, size, mediaType } of taken) {
          record('files.uploaded', sha256, { size, mediaType });
        }
      });
      return taken;
    } finally {
      await Promise.all(staged.map(({ discard }) => discard()));
    }
  }

  private async stage({ filename, file }: MultipartFile, maxBytes: number) {
    if (!filename) throw brokenForm();
    const name = nameOf(filename);
    let mediaType = '';
    const inspect = async (open: () => Readable) => {
      mediaType = await mediaTypeOf(open(), name);
    };
    try {
      const staged = await this.files.stage(file, { maxBytes, inspect });
      return { ...staged, name, mediaType };
    } catch (error) {
      throw asBrokenForm(error);
    }
  }

  private async ticketFor({ sha256, size, name, mediaType }: StoredFile, caller: Caller) {
    const stored: StoredFile = { sha256, size, name, mediaType };
    const claims = { ...stored, sub: caller.accountId };
    const ticket = await this.keys.sign('file+jwt', claims, ticketSeconds);
    const expiresAt = new Date(Date.now() + ticketSeconds * 1000).toISOString();
    return { ...stored, ticket, expiresAt } satisfies Uploaded;
  }
}

async function* partsOf(request: FastifyRequest, fileSize?: number) {
  try {
    yield* request.files(fileSize ? { limits: { fileSize, files: 1 } } : undefined);
  } catch (error) {
    throw asBrokenForm(error);
  }
}

/** The parser of forms throws plain errors; a disk that is full is no fault of the form. */
function asBrokenForm(error: unknown) {
  const { statusCode, syscall } = error as { statusCode?: number; syscall?: string };
  return error instanceof Problem || statusCode || syscall ? error : brokenForm();
}

/** Forms write a quotation mark as `%22` (HTML, multipart/form-data encoding). */
const nameOf = (given: string) => fileNameOf(given.replaceAll('%22', '"'));

const brokenForm = () =>
  new Invalid([
    {
      pointer: '/files',
      detail: {
        vi: 'biểu mẫu multipart/form-data bị cắt cụt, thiếu tên tệp hoặc sai dạng',
        en: 'the multipart/form-data is cut short, names no file or is malformed',
      },
    },
  ]);

const noFile = (pointer = '/files') =>
  new Invalid([
    {
      pointer,
      detail: {
        vi: 'không có tệp nào trong yêu cầu (multipart/form-data)',
        en: 'the request holds no file (multipart/form-data)',
      },
    },
  ]);
