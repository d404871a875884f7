// Takes the text out of one file, in a thread of its own: a hostile file may hang or fill the memory
// of the thread, not of the service.
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { path, mediaType, maxCharacters } = workerData;

async function textOf() {
  const content = await readFile(path);
  if (mediaType === 'application/pdf') {
    const { extractText, getDocumentProxy } = await import('unpdf');
    const document = await getDocumentProxy(new Uint8Array(content), { isEvalSupported: false });
    const { text } = await extractText(document, { mergePages: false });
    return text.join('\n\f');
  }
  if (mediaType.endsWith('wordprocessingml.document')) {
    const mammoth = await import('mammoth');
    const { value } = await mammoth.default.extractRawText({ buffer: content });
    return value;
  }
  if (mediaType.startsWith('text/')) return content.toString('utf8');
  return '';
}

parentPort.postMessage((await textOf()).normalize('NFC').slice(0, maxCharacters));
