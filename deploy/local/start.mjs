// The one door to every script: installs when needed, goes on under the Node that the project
// brings, builds, and hands over. Plain JavaScript without dependencies, because nothing is there
// yet when it first runs.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [word = 'start', ...rest] = process.argv.slice(2);
const paths = rest.map((path) =>
  path.startsWith('-') ? path : relative(root, join(process.cwd(), path)),
);

const say = (text) => process.stdout.write(`${text}\n`);

/** What each word does, and what may be said after it. */
const meanings = {
  start: ['', 'the whole house, with a province in it, until Ctrl-C'],
  demo: ['', 'play the main job, on the stack that runs or on one started for it'],
  test: ['[path …]', 'run the specs'],
  bench: ['[group …]', 'measure every claim beside its limit'],
  build: ['[project …]', 'compile, for example services/mail'],
  lint: ['[path …]', 'check style and layout'],
  typecheck: ['', 'check all types'],
  generate: ['', 'write openapi.json and events.json anew'],
};

/** Says which words there are, and why if somebody used another. */
function help(why = '') {
  const lines = Object.entries(meanings).map(([name, [more, meaning]]) => {
    const command = `npm ${['start', 'test'].includes(name) ? name : `run ${name}`}`;
    return `  ${`${command}${more && ` -- ${more}`}`.padEnd(30)} ${meaning}`;
  });
  say([...(why ? [why] : []), 'There are these words:', ...lines].join('\n'));
  process.exit(why ? 2 : 0);
}

const asksHelp = (each) => each === '--help' || each === '-h';
if (word === 'help' || [word, ...rest].some(asksHelp)) help();
if (!Object.hasOwn(meanings, word)) help(`Unknown word "${word}".`);
if (rest.length > 0 && !meanings[word][0]) help(`Nothing follows "${word}": ${rest.join(' ')}`);

/** Runs a program to its end. Signals reach it by themselves: it shares our terminal. */
function run(program, parameters, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { cwd: root, stdio: 'inherit', ...options });
    const pass = (signal) => child.kill(signal);
    process.on('SIGTERM', pass).on('SIGINT', () => {});
    child.on('error', (error) => {
      say(error.message);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(signal ? 1 : code));
  });
}

async function must(program, parameters) {
  const code = await run(program, parameters);
  if (code !== 0) process.exit(code);
}

/** Installed is what npm wrote down after the lock file was last changed. */
function installed() {
  const mark = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(mark) &&
    statSync(mark).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs - 1000
  );
}

const own = join(root, 'node_modules', '.bin', 'node');
const node = existsSync(own) ? own : process.execPath;
const majorOf = (version) => Number(version.split('.')[0]);

if (!installed()) {
  say('Installing what package-lock.json names (once, about half a minute) …');
  await must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (majorOf(process.versions.node) < 24) {
  const next = existsSync(own) ? own : undefined;
  if (!next) {
    say(`eOffice needs Node 24 or newer; this is ${process.version}.`);
    process.exit(1);
  }
  process.exit(await run(next, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]));
}

const tool = (name, file) => join(root, 'node_modules', name, file);
const script = (path) => [node, ['--enable-source-maps', join(root, path)]];

async function build(names) {
  const { buildAll } = await import('./build.mjs');
  const written = await buildAll(names);
  if (written > 0) say(`built ${written} files`);
}

const words = {
  build: () => build(paths),
  async test() {
    await build();
    const jest = tool('jest', 'bin/jest.js');
    const only = paths.filter((path) => !path.startsWith('-'));
    const parameters = [
      '--experimental-vm-modules',
      '--no-warnings',
      jest,
      '-c',
      '.jest.config.mjs',
    ];
    await must(node, [...parameters, ...paths.filter((path) => path.startsWith('-')), ...only]);
  },
  async lint() {
    const where = paths.length > 0 ? paths : ['.'];
    await must(node, [
      tool('eslint', 'bin/eslint.js'),
      '-c',
      '.eslint.config.mjs',
      '--max-warnings=0',
      ...where,
    ]);
    await must(node, [
      tool('prettier', 'bin/prettier.cjs'),
      '--check',
      '--log-level=warn',
      ...where,
    ]);
  },
  typecheck: () =>
    must(node, [tool('typescript', 'bin/tsc'), '-p', 'tsconfig.base.json', '--noEmit']),
  async generate() {
    await build();
    await must(...script('services/gateway/dist/src/openapi/generate.js'));
  },
  async start() {
    await build();
    await must(...script('deploy/dist/local/stack.js'));
  },
  async demo() {
    await build();
    await must(...script('deploy/dist/demo/demo.js'));
  },
  async bench() {
    await build();
    const [program, parameters] = script('bench/dist/src/bench.js');
    await must(program, [...parameters, ...rest]);
  },
};

await words[word]();
