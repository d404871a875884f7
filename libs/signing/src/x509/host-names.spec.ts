import { describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { extensions } from '../oids.js';
import { generalName, issue } from '../testing/authority.js';
import { type Identity, speaksFor } from './host-names.js';

function speaks(name: Buffer, identity: Identity): boolean {
  const names = { [extensions.subjectAltName]: encode.sequence(name) };
  const { certificate } = issue({ subject: 'CN=www.tinh.gov.vn', extensions: names });
  return speaksFor(certificate, identity);
}

describe('a certificate speaks for', () => {
  it.each<[string, string, boolean]>([
    ['tinh.gov.vn', 'tinh.gov.vn', true],
    ['Tinh.gov.vn', 'tinh.GOV.vn', true],
    ['tinh.gov.vn', 'tinh.gov.vn.', true],
    ['tinh.gov.vn', 'www.tinh.gov.vn', false],
    ['tinh.gov.vn', 'gov.vn', false],
    ['*.gov.vn', 'tinh.gov.vn', true],
    ['*.gov.vn', 'tinh.gov.vn.', true],
    ['*.gov.vn', 'gov.vn', false],
    ['*.gov.vn', 'so.tinh.gov.vn', false],
    ['*.vn', 'gov.vn', false],
    ['t*.gov.vn', 'tinh.gov.vn', false],
    ['so.*.gov.vn', 'so.tinh.gov.vn', false],
    ['*.*.gov.vn', 'so.tinh.gov.vn', false],
    ['tinh.gov.vn', '*.gov.vn', false],
    ['tinh..vn', 'tinh..vn', false],
    ['tinh.gov.vn\u0000.ac', 'tinh.gov.vn', false],
    ['.', '.', false],
    ['', '', false],
    ['10.0.0.1', '10.0.0.1', false],
    ['*.0.0.1', '10.0.0.1', false],
  ])('%j as the host %j: %s', (name, dns, expected) => {
    expect(speaks(generalName.dns(name), { dns })).toBe(expected);
  });

  it('addresses octet by octet, and never hosts or what the subject says', () => {
    const address = generalName.ip(Buffer.from('20010db8000000000000000000000001', 'hex'));
    expect(speaks(address, { ip: '2001:db8::1' })).toBe(true);
    expect(speaks(address, { ip: '2001:db8::2' })).toBe(false);
    expect(speaks(address, { ip: 'no address' })).toBe(false);
    expect(speaks(generalName.ip(Buffer.of(10, 0, 0, 1)), { ip: '10.0.0.1' })).toBe(true);
    expect(speaks(address, { dns: 'www.tinh.gov.vn' })).toBe(false);
  });

  it('mailboxes, whose host alone is of either case', () => {
    const mailbox = generalName.email('Van.Thu@Tinh.gov.vn');
    expect(speaks(mailbox, { email: 'Van.Thu@tinh.gov.vn' })).toBe(true);
    expect(speaks(mailbox, { email: 'van.thu@tinh.gov.vn' })).toBe(false);
    expect(speaks(mailbox, { email: 'tinh.gov.vn' })).toBe(false);
  });
});
