import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { contextOf, Der, tags } from '@eoffice/signing/asn1/der';
import * as encode from '@eoffice/signing/asn1/encode';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { answerTimeStampRequest } from '@eoffice/signing/cms/time-stamp-authority';
import { extensions, keyPurposes } from '@eoffice/signing/oids';
import { issue, type Party, type Wish } from '@eoffice/signing/testing/authority';
import { ocspBytes, type OcspWish } from '@eoffice/signing/testing/revocation';

export const pemOf = ({ certificate }: Pick<Party, 'certificate'>): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;

type Way = 'well' | 'down' | 'slow' | 'lying';

/** A certification authority that answers OCSP and time-stamp requests on a port of its own. */
export class Certifying {
  readonly root = issue({ subject: 'CN=Root', ca: true });
  readonly below = issue({ subject: 'CN=CA', issuer: this.root, ca: true });
  readonly stamper = issue({
    ...{ subject: 'CN=TSA', issuer: this.below },
    extensions: {
      [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
    },
    critical: { [extensions.extendedKeyUsage]: true },
  });
  /** How it answers from now on. */
  ocsp: Way = 'well';
  tsa: Way = 'well';
  /** Requests for time stamps so far, by path. */
  readonly stamps: string[] = [];
  private readonly issued = new Map<string, Party>();
  private readonly revoked = new Set<string>();
  private server!: Server;
  private serial = 0;

  static async open(): Promise<Certifying> {
    const self = new Certifying();
    self.server = createServer((request, response) => {
      void self.answer(request).then(
        (body) => response.end(body),
        () => response.writeHead(503).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(self.server, 'listening');
    return self;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  issue(wish: Wish): Party {
    const party = issue({ issuer: this.below, ...wish });
    this.issued.set(party.certificate.serial.toString('hex'), party);
    return party;
  }

  revoke({ certificate }: Party) {
    this.revoked.add(certificate.serial.toString('hex'));
  }

  private async answer(request: IncomingMessage): Promise<Buffer> {
    const body = await buffer(request);
    const path = request.url ?? '';
    const way = path.startsWith('/tsa') ? this.tsa : this.ocsp;
    if (path.startsWith('/tsa')) this.stamps.push(path);
    if (way === 'down') throw new Error('down');
    if (way === 'slow') await wait(2_000);
    return path.startsWith('/tsa') ? this.stamp(body, way) : this.status(body, way);
  }

  private stamp(body: Buffer, way: Way): Buffer {
    const by = way === 'lying' ? issue({ subject: 'CN=TSA' }) : this.stamper;
    const chain = [this.below.certificate];
    const signer = new CmsSigner({ certificate: by.certificate, chain });
    return answerTimeStampRequest(body, new LocalKey(by.keys.privateKey, signer), {
      ...{ time: new Date(), serial: Buffer.of(++this.serial), policy: '2.999.1' },
    });
  }

  private status(body: Buffer, way: Way): Buffer {
    const reader = Der.read(body, tags.sequence).inside().next(tags.sequence).inside();
    const [one] = reader.next(tags.sequence).list(1);
    const parts = one!.inside().next(tags.sequence).list(4);
    const serial = parts[3]!.integerBytes().toString('hex');
    const extension = reader.optional(contextOf(2))?.only(tags.sequence).list(1)[0];
    const nonce = extension && Der.read(extension.list(2)[1]!.octets()).octets();
    const { certificate } = this.issued.get(serial) ?? this.below;
    const minute = (by: number) => new Date(Date.now() + by * 60_000).toISOString();
    const at = minute(-60);
    const status: OcspWish['status'] = this.revoked.has(serial) ? { at } : 'good';
    const responder = way === 'lying' ? issue({ subject: 'CN=OCSP' }) : undefined;
    return ocspBytes({
      ...{ certificate, issuer: this.below, responder, nonce, status },
      ...{ from: minute(-1), to: minute(60), producedAt: minute(0) },
    });
  }
}
