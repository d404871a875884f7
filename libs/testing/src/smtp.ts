import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

/** A peer that speaks SMTP octet by octet, as no library would let it. */
export class Peer {
  private heard = '';

  private constructor(private socket: Socket) {
    socket.setNoDelay();
    this.listen();
  }

  /** Connects, and has been greeted. */
  static async meet(port: number): Promise<Peer> {
    const peer = new Peer(connect(port, '127.0.0.1'));
    await peer.reply();
    return peer;
  }

  /** Connects and speaks at once; answers what is said to that. */
  static async early(port: number, octets: string): Promise<string> {
    const peer = new Peer(connect(port, '127.0.0.1'));
    peer.send(octets);
    return peer.rest();
  }

  /** Connects, and has said EHLO. */
  static async greet(port: number): Promise<Peer> {
    const peer = await Peer.meet(port);
    await peer.say('EHLO peer.example.org');
    return peer;
  }

  /** Goes on by TLS, and says EHLO again. */
  async secure() {
    await this.say('STARTTLS');
    this.socket.removeAllListeners();
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    this.socket = secured;
    this.listen();
    return this.say('EHLO peer.example.org');
  }

  /** Sends one line and hears the reply to it. */
  async say(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  /** Sends octets: text is written as Latin-1, one octet each. */
  send(octets: string | Buffer) {
    this.socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
  }

  /** The next whole reply; what was left when the connection has ended. */
  async reply(withinMs = 5_000): Promise<string> {
    const end = Date.now() + withinMs;
    for (;;) {
      const [whole] = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(this.heard) ?? [];
      if (whole) {
        this.heard = this.heard.slice(whole.length);
        return whole.trim();
      }
      if (this.socket.destroyed || this.socket.readableEnded) return this.heard;
      if (Date.now() > end) throw new Error(`no reply, only "${this.heard}"`);
      await wait(2);
    }
  }

  /** Everything that is said until the other side ends the connection. */
  async rest(withinMs = 5_000): Promise<string> {
    const end = Date.now() + withinMs;
    while (!this.socket.readableEnded && !this.socket.destroyed) {
      if (Date.now() > end) throw new Error(`it goes on after "${this.heard}"`);
      await wait(2);
    }
    const all = this.heard;
    this.heard = '';
    return all;
  }

  end() {
    this.socket.destroy();
  }

  private listen() {
    this.socket.on('data', (octets) => (this.heard += octets.toString('utf8')));
    this.socket.on('error', () => {});
  }
}
