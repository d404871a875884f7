import { mailboxes } from '@eoffice/contracts';
import { eventually, type House } from './house.js';
import { ServiceProcess } from './service-process.js';

/** The mail service beside the one a spec is about, once it answers: it knows which addresses are official. */
export async function startMail(house: House): Promise<ServiceProcess> {
  const mail = new ServiceProcess(house, 'mail');
  mail.start();
  const caller = await house.as({});
  const ask = () => house.client(mailboxes).check({ addresses: ['a@lamdong.gov.vn'] }, caller);
  await eventually(ask, 30_000);
  return mail;
}
