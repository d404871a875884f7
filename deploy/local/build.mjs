// Compiles every project's TypeScript to its own `dist`, one file for one file, and copies what
// programs read beside them. A file that is newer in `dist` than its source is left alone.
import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';
import { buildTokenDriver } from './token-driver.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const parents = ['libs', 'services'];
const alone = ['deploy', 'bench'];
const left = new Set(['node_modules', 'dist', '.data', 'results']);

/** The folders of all projects, from the root. */
async function projects() {
  const nested = await Promise.all(
    parents.map(async (parent) =>
      (await readdir(join(root, parent))).map((name) => join(parent, name)),
    ),
  );
  return [...nested.flat(), ...alone];
}

async function filesUnder(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      if (left.has(entry.name) || entry.name.startsWith('.')) return [];
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    }),
  );
  return found.flat();
}

const ageOf = (path) =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

const compiled = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');
const copied = (file) => /\.(sql|mjs|csv|json|pdf|docx|xlsx)$/.test(file);
const outside = (file) => /(^|\/)(package|project)\.json$/.test(file);

/** Builds one project. Returns how many files were written. */
async function build(project) {
  const folder = join(root, project);
  const dist = join(folder, 'dist');
  const wanted = new Set();
  let written = 0;
  for (const file of await filesUnder(folder)) {
    const place = relative(folder, file);
    if (file.endsWith('.spec.ts') || outside(place)) continue;
    if (!compiled(file) && !copied(file)) continue;
    const target = join(dist, compiled(file) ? place.replace(/\.ts$/, '.js') : place);
    wanted.add(target);
    if (compiled(file)) wanted.add(`${target}.map`);
    if ((await ageOf(target)) > (await ageOf(file))) continue;
    await mkdir(dirname(target), { recursive: true });
    if (compiled(file)) await compile(file, target);
    else await cp(file, target);
    written++;
  }
  await forgetOthers(dist, wanted);
  return written;
}

async function compile(file, target) {
  const { code, map } = await transformFile(file, {
    configFile: join(root, '.swcrc'),
    sourceMaps: true,
  });
  await writeFile(`${target}.map`, map);
  await writeFile(target, `${code}\n//# sourceMappingURL=${target.split('/').at(-1)}.map\n`);
}

/** What was built from a file that is gone would still be found by its importers. */
async function forgetOthers(dist, wanted) {
  const built = await filesUnder(dist).catch(() => []);
  await Promise.all(built.filter((file) => !wanted.has(file)).map((file) => rm(file)));
}

/** Builds the projects named, or all. Ends the program when there is no such project. */
export async function buildAll(names = []) {
  const all = await projects();
  const unknown = names.filter((name) => name !== '' && !all.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`No project ${unknown.join(', ')}; there are ${all.join(', ')}.\n`);
    process.exit(2);
  }
  const list = names.length > 0 && !names.includes('') ? names : all;
  const [obstacle, ...counts] = await Promise.all([buildTokenDriver(), ...list.map(build)]);
  if (obstacle) process.stdout.write(`${obstacle}\n`);
  return counts.reduce((sum, count) => sum + count, 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2).map((name) => relative(root, join(process.cwd(), name)));
  const started = performance.now();
  const written = await buildAll(names);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`built ${written} files in ${seconds} s\n`);
}
