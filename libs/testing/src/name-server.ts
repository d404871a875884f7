import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What DNS says of a name. A name that is not listed does not exist. */
export interface Records {
  a?: string[];
  mx?: [preference: number, exchange: string][];
  txt?: string[];
  /** Asked for this name, the server says that it cannot tell (SERVFAIL). */
  fails?: boolean;
}

const types = { 1: 'a', 15: 'mx', 16: 'txt' } as const;

/** A DNS server on the loopback that answers from a list, for specs; the list may change meanwhile. */
export class NameServer {
  /** Names that were asked for, as `MX example.org`. */
  readonly asked: string[] = [];

  private constructor(
    private readonly socket: Socket,
    readonly records: Record<string, Records>,
  ) {}

  static async open(records: Record<string, Records>): Promise<NameServer> {
    const socket = createSocket('udp4');
    const server = new NameServer(socket, records);
    socket.on('message', (query, { port, address }) =>
      socket.send(server.answer(query), port, address),
    );
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return server;
  }

  /** As settings name it. */
  get address(): string {
    return `127.0.0.1:${(this.socket.address() as AddressInfo).port}`;
  }

  async close() {
    this.socket.close();
    await once(this.socket, 'close');
  }

  /** RFC 1035, 4.1. */
  private answer(query: Buffer): Buffer {
    let at = 12;
    const labels: string[] = [];
    while (query[at] !== 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
      at += query[at]! + 1;
    }
    const question = query.subarray(12, at + 5);
    const type = query.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    const kind = types[type as keyof typeof types];
    this.asked.push(`${(kind ?? String(type)).toUpperCase()} ${name}`);
    const records = this.records[name];
    const data = records && !records.fails && kind ? dataOf(kind, records) : [];
    const code = !records ? 3 : records.fails ? 2 : 0;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(data.length, 6);
    return Buffer.concat([head, question, ...data.map((each) => answerWith(type, each))]);
  }
}

function dataOf(kind: 'a' | 'mx' | 'txt', records: Records): Buffer[] {
  const { a = [], mx = [], txt = [] } = records;
  if (kind === 'a') return a.map((address) => Buffer.from(address.split('.').map(Number)));
  if (kind === 'txt') {
    return txt.map((text) =>
      Buffer.concat((text.match(/.{1,255}/g) ?? ['']).map((part) => counted(part))),
    );
  }
  return mx.map(([preference, exchange]) => {
    const labels = exchange ? exchange.split('.').map(counted) : [];
    const number = Buffer.from([preference >> 8, preference & 255]);
    return Buffer.concat([number, ...labels, Buffer.from([0])]);
  });
}

const counted = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);

/** The name is that of the question; nobody keeps the answer. */
function answerWith(type: number, data: Buffer): Buffer {
  const head = Buffer.from([0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
