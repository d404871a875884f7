import { createHash, randomUUID } from 'node:crypto';
import {
  type Caller,
  type Certificate,
  certificates,
  type HolderKind,
  signingChanged,
  type SigningWish,
  trust,
} from '@eoffice/contracts';
import type { Party, Wish } from '@eoffice/signing/testing/authority';
import { type Agency, openAgency } from './agency.js';
import { Certifying, pemOf } from './certifying.js';
import { pdfOf } from './files.js';
import { eventually, type House } from './house.js';

export const agencyName = 'Sở Khoa học và Công nghệ';

/** Somebody's key, and the certificate that is registered for it. */
export interface Registered extends Party {
  id: string;
}

/** An agency whose leader and clerk can sign, an authority that is trusted, documents to sign. */
export class SigningOffice {
  leader!: Caller;
  clerk!: Caller;
  officer!: Caller;
  keeper!: Caller;

  private constructor(
    readonly house: House,
    readonly agency: Agency,
    readonly certifying: Certifying,
  ) {}

  static async open(house: House): Promise<SigningOffice> {
    const office = new SigningOffice(house, await openAgency(house), await Certifying.open());
    office.officer = await house.as({
      permissions: ['signatures.manage', 'signatures.prepare'],
      reach: 'bloc',
    });
    office.keeper = await house.as({
      permissions: ['signatures.keep-trust', 'signatures.keep-policies'],
      reach: 'all',
    });
    office.leader = await office.as('leader', ['signatures.sign', 'signatures.read']);
    const sealing = ['signatures.sign', 'signatures.seal', 'signatures.read'];
    office.clerk = await office.as('clerk', sealing);
    await office.trustAuthority();
    return office;
  }

  as(role: 'leader' | 'clerk' | 'head', permissions: string[]): Promise<Caller> {
    const { people, organisationId } = this.agency;
    return this.house.as({ personId: people[role], organisationId, permissions });
  }

  private async trustAuthority() {
    const { root, below, url } = this.certifying;
    const common = {
      ...{ list: 'official-duty', pem: pemOf(root), intermediates: pemOf(below) },
      ...{ validFrom: '2024-08-15', legalBasis: 'Nghị định 68/2024/NĐ-CP' },
    };
    const client = this.house.client(trust);
    const signing = { ...common, name: 'Gốc', purpose: 'signing', ocspUrl: `${url}/ocsp` };
    await client.addAnchor(signing as never, this.keeper);
    const stamping = { ...common, name: 'Gốc dấu thời gian', purpose: 'time-stamping' };
    await client.addAnchor(stamping as never, this.keeper);
  }

  async addStamper(path = '/tsa', priority = 1, timeoutSeconds = 1) {
    const name = `TSA ${path}`;
    const rest = { priority, timeoutSeconds, validFrom: '2024-08-15', legalBasis: 'Thử nghiệm' };
    const url = `${this.certifying.url}${path}`;
    return this.house.client(trust).addTimeStamper({ name, url, ...rest }, this.keeper);
  }

  /** Issues and registers a certificate of the leader, the clerk or the agency. */
  async certificateFor(holder: 'leader' | 'clerk' | 'agency', wish: Wish = {}) {
    const names = { leader: 'Lê Đức Anh', clerk: 'Trần Thị Bình', agency: agencyName };
    const subject = `O=${agencyName},CN=${names[holder]}`;
    return this.register(holder, this.certifying.issue({ subject, ...wish }));
  }

  async register(holder: 'leader' | 'clerk' | 'agency', party: Party): Promise<Registered> {
    const { organisationId: agencyId, people } = this.agency;
    const holderKind: HolderKind = holder === 'agency' ? 'agency' : 'person';
    const holderId = holder === 'agency' ? agencyId : people[holder];
    const whose = { holderKind, holderId, agencyId, device: 'token' } as const;
    const { id } = await eventually<Certificate>(() =>
      this.house.client(certificates).register({ ...whose, pem: pemOf(party) }, this.officer),
    );
    return { ...party, id };
  }

  /** Announces a document to sign. Returns it and its first file, which is kept. */
  async document(overrides: Partial<SigningWish> = {}, content?: Buffer) {
    const pdf = content ?? (await letterOf(randomUUID()));
    const { leader, agency } = this;
    await this.house.ticketOf(pdf, 'application/pdf', leader);
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    const draftId = overrides.draftId ?? randomUUID();
    const wish: SigningWish = {
      ...{ draftId, documentId: randomUUID(), organisationId: agency.organisationId },
      ...{ type: 'BC', signerId: leader.personId, signerName: 'Lê Đức Anh', capacity: 'head' },
      ...{ symbol: '07/BC-SKHCN', issuedOn: '2026-11-03', files: [sha256], wanted: true },
      ...overrides,
    };
    await this.house.announce(signingChanged, draftId, wish);
    return { ...wish, id: draftId, pdf };
  }

  close() {
    return this.certifying.close();
  }
}

/** A report with blanks for number and date, a position and a name. */
export const letterOf = (text: string): Promise<Buffer> =>
  pdfOf(
    ...['Số:        /BC-SKHCN', 'Lâm Đồng, ngày        tháng        năm', text, 'GIÁM ĐỐC'],
    ...['\n\n\n', 'Lê Đức Anh'],
  );
