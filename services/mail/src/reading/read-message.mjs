// Reads mail, which anybody may send, in a thread of its own that is watched and ended when it costs
// too much: the event loop of the service never waits for a hostile message.
import { parentPort } from 'node:worker_threads';
import { bodiesOf } from '@eoffice/mime/bodies';
import { contentOf, textOf } from '@eoffice/mime/content/content';
import { parseMessage } from '@eoffice/mime/parse-message';
import { factsOf } from './facts.mjs';
import { harmless } from './html.mjs';
import { shownText, summarise } from './summary.mjs';

const maxHtml = 400_000;
const maxHarmless = 500_000;
const maxAttachments = 200;

class NoSuchPart extends Error {
  name = 'NoSuchPart';
}

// eslint-disable-next-line no-control-regex -- they are what is taken out
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
/** Text without what has no meaning in it and grows sixfold on its way. */
const sendable = (text) => text.replace(controls, '').toWellFormed();

const bufferOf = (octets) => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);

const described = (octets, part) => ({
  partId: part.partId,
  name: part.name?.toWellFormed().replaceAll('\0', '').slice(0, 255) || null,
  mediaType: part.type,
  size: contentOf(octets, part).length,
  contentId: part.cid,
});

/** The leaves of a message, in the order of reading. */
function leavesOf(part, found = []) {
  if (!part.subParts) found.push(part);
  for (const each of part.subParts ?? []) leavesOf(each, found);
  return found;
}

const acts = {
  summarise: ({ octets }) => summarise(bufferOf(octets)),
  facts: ({ octets }) => factsOf(bufferOf(octets)),
  take: ({ octets: sent }) => {
    const octets = bufferOf(sent);
    const message = parseMessage(octets);
    return { summary: summarise(octets, message), facts: factsOf(octets, message) };
  },
  show: ({ octets: sent }) => {
    const octets = bufferOf(sent);
    const message = parseMessage(octets);
    const { htmlBody, attachments } = bodiesOf(message);
    const { text, cut } = shownText(octets, message);
    let html = '';
    for (const part of htmlBody) {
      if (part.type === 'text/html' && html.length <= maxHtml) html += textOf(octets, part).value;
    }
    const inline = htmlBody.filter(({ type }) => !type.startsWith('text/'));
    const beside = [...new Set([...attachments, ...inline])];
    const safe = html && sendable(harmless(html.slice(0, maxHtml)));
    return {
      text: sendable(text),
      html: safe.length > maxHarmless ? '' : safe,
      cut:
        cut || html.length > maxHtml || safe.length > maxHarmless || beside.length > maxAttachments,
      attachments: beside.slice(0, maxAttachments).map((part) => described(octets, part)),
    };
  },
  part: ({ octets: sent, partId }) => {
    const octets = bufferOf(sent);
    const part = leavesOf(parseMessage(octets).root).find((each) => each.partId === partId);
    if (!part) throw new NoSuchPart(partId);
    return { ...described(octets, part), content: new Uint8Array(contentOf(octets, part)) };
  },
};

parentPort.on('message', ({ act, input }) => {
  try {
    parentPort.postMessage({ value: acts[act](input) });
  } catch (error) {
    const { name, message } = error;
    parentPort.postMessage({ error: { name, message: String(message) } });
  }
});

parentPort.postMessage('ready');
