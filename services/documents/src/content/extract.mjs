// Takes the text out of one file, in a process of its own: a hostile file may hang it, or fill its
// memory in places where no heap limit reaches. A thread watches both and ends the process at once,
// also when its parent is no more.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';

const timeoutMs = 20_000;
const maxResidentBytes = 600_000_000;

function watch() {
  const end = () => process.kill(process.pid, 'SIGKILL');
  setTimeout(end, timeoutMs);
  setInterval(() => process.memoryUsage.rss() > maxResidentBytes && end(), 20);
}

async function textOf(path, mediaType) {
  const content = await readFile(path);
  if (mediaType === 'application/pdf') {
    const { extractText, getDocumentProxy } = await import('unpdf');
    const document = await getDocumentProxy(new Uint8Array(content), { isEvalSupported: false });
    const { text } = await extractText(document, { mergePages: false });
    return text.join('\n\f');
  }
  const { default: mammoth } = await import('mammoth');
  return (await mammoth.extractRawText({ buffer: content })).value;
}

if (isMainThread) {
  const [path, mediaType, maxCharacters] = process.argv.slice(2);
  new Worker(fileURLToPath(import.meta.url));
  const text = await textOf(path, mediaType);
  process.stdout.write(text.slice(0, Number(maxCharacters)), () => process.exit());
} else {
  watch();
}
