import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import { eventually, House } from '@eoffice/testing/house';
import { MailServer } from '@eoffice/testing/mail-servers';
import { NameServer } from '@eoffice/testing/name-server';
import { ServiceProcess } from '@eoffice/testing/service-process';
import { laidDown, outboundRows } from '../testing/sending.js';

describe('a sender that is killed', () => {
  let house: House;
  let database: Database;
  let names: NameServer;
  let peer: MailServer;
  let service: ServiceProcess;
  beforeAll(async () => {
    house = await House.open();
    peer = await MailServer.open();
    names = await NameServer.open({ 'peer.example': { a: ['127.0.0.1'] } });
    service = new ServiceProcess(house, 'mail', {
      MAIL_DNS_SERVERS: names.address,
      MAIL_PEER_PORT: String(peer.port),
      MAIL_PRIVATE_NETWORKS: '127.0.0.1/32',
      MAIL_SENDERS_AT_ONCE: '2',
    });
    database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
  });
  afterAll(async () => {
    await service.kill();
    await database.close();
    await house.close();
    await peer.close();
    await names.close();
  });
  const idIn = (text: string) => /^Message-ID: (.*)\r$/m.exec(text)![1]!;

  it('between the 250 and our commit sends what was under way again, the same, and no more', async () => {
    const recipients = ['a@peer.example'];
    const ids: string[] = [];
    for (let place = 1; place <= 6; place++) {
      const octets = Buffer.from(
        `Message-ID: <${place}@x>\r\nSubject: ${place}\r\n\r\nxin chào\r\n`,
      );
      ids.push(await laidDown(database, { recipients, octets }));
    }
    // The third mail is taken over by the other side, and then the lights go out here.
    peer.script = {
      data: async () => {
        if (peer.taken.length === 2) await service.kill();
        return undefined;
      },
    };
    service.start();
    await eventually(() => expect(peer.taken.length).toBeGreaterThanOrEqual(3), 20_000);
    await service.kill();
    const before = peer.taken.map(({ text }) => idIn(text));
    const states = async () =>
      (await Promise.all(ids.map((id) => outboundRows(database, id)))).map(([row]) => row!.state);
    const underWay = (await states()).filter((state) => state === 'sending').length;
    expect(underWay).toBeGreaterThan(0);
    expect(underWay).toBeLessThanOrEqual(2);

    // Nobody else takes it up while the lease lasts; its minute is not waited for here.
    await database.transaction({}, (manager) =>
      manager.query(
        `update outbound_recipient set next_attempt_at = now() where state = 'sending'`,
      ),
    );
    peer.script = {};
    service.start();
    await eventually(
      async () => expect(new Set(await states())).toEqual(new Set(['sent'])),
      20_000,
    );
    const all = peer.taken.map(({ text }) => idIn(text));
    const twice = all.filter((id, place) => all.indexOf(id) !== place);
    expect(new Set(all).size).toBe(6);
    expect(twice.length).toBeLessThanOrEqual(underWay);
    for (const id of twice) expect(before).toContain(id);
    const [one, other] = peer.taken.filter(({ text }) => idIn(text) === twice[0]);
    expect(other!.text).toBe(one!.text);
  }, 60_000);
});
