import { join } from 'node:path';
import type { DemoAccount, Planted } from '../seed/seed.js';
import { elapsed, say } from './console.js';
import type { Stack } from './stack-file.js';

/** Files that the stack keeps, as people are told of them. */
export interface Places {
  data: string;
  stack: string;
  secrets: string;
  planted: string;
}

/** Enough people to play every role of the tour. */
const worthShowing = ({ unit, title }: DemoAccount) =>
  /(^|, )UBND phường 1 Bảo Lộc$/.test(unit) ||
  /Sở KH&CN$/.test(unit) ||
  /^Thanh tra viên/.test(title);

/** Says where everything is, once it is there. */
export function announce(stack: Stack, { accounts }: Planted, places: Places) {
  say('');
  say(`  eOffice          ${stack.url}`);
  say(`  API reference    ${stack.url}/reference`);
  say(`  Events           ${stack.url}/v1/events`);
  if (stack.authority) say(`  Signing, tests   ${stack.authority.url} (thử nghiệm)`);
  const { SMTP_PORT, SUBMISSION_PORT, SUBMISSION_TLS_PORT } = stack.mail;
  say(
    `  Mail             SMTP ${SMTP_PORT}, submission ${SUBMISSION_PORT}, by TLS ${SUBMISSION_TLS_PORT}`,
  );
  say(`  Logs             ${join(places.data, 'logs')}`);
  say(`  Administrator    admin, password and TOTP secret in ${places.secrets}`);
  say('');
  say(`  Processes, each started again when it ends; as they are now in ${places.stack}`);
  for (const [name, pid] of Object.entries(stack.processes)) say(`  ${name.padEnd(16)} ${pid}`);
  say('');
  say('  Demo accounts, all with the password of the first');
  const shown = accounts.filter(worthShowing);
  for (const account of shown) {
    const { username, title, unit, password } = account;
    const first = account === shown[0];
    say(`  ${username.padEnd(10)} ${`${title}, ${unit}`.padEnd(66)} ${first ? password : ''}`);
  }
  say(`  … all ${accounts.length}, and the API key of an integration, in ${places.planted}`);
  say('');
  say(`  Ready after ${elapsed()}. Ctrl-C stops everything; the data stays.`);
}
