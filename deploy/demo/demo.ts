import { join } from 'node:path';
import { Client } from '../seed/client.js';
import { lookAround, refusals, registerMany } from './around.js';
import { Cast } from './cast.js';
import { mailDocuments } from './mail-documents.js';
import { receive } from './receive.js';
import { findStack } from './running-stack.js';
import { otherServices } from './services.js';
import { sign } from './signing.js';
import type { Stage } from './stage.js';
import { act, Follower, tell } from './timeline.js';
import { visit } from './visit.js';

// `npm run demo`: the main job as an outsider sees it. Everything goes through the REST API, with
// real files, while an integration follows the events.

const acts = [
  receive,
  registerMany,
  lookAround,
  refusals,
  otherServices,
  sign,
  mailDocuments,
  visit,
];

const stack = await findStack();
const { url, accounts, integrationKey, authority, mail, neighbour } = stack;
const folder = join(stack.data, 'demo');
const stage: Stage = { url, cast: new Cast(url, accounts), folder, authority, mail, neighbour };
const follower = new Follower();
try {
  await follower.follow(new Client(url), integrationKey);
  for (const play of acts) await play(stage);
  act('That was it');
  const heard = [...follower.seen.values()].reduce((sum, count) => sum + count, 0);
  tell('the integration', `heard ${heard} events of ${follower.seen.size} types`);
  tell('', `letters, registers and the report: ${stage.folder}`);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`\nThe demonstration stopped: ${(error as Error).message}\n`);
} finally {
  await follower.end();
  await stack.leave();
}
