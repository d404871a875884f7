// Hardware keys are spoken to through pkcs11js, whose few C++ files are compiled here once: installs
// run no scripts, and Node's own headers come with it, so that nothing has to be fetched. Without a
// compiler everything else works, and hardware keys say what is missing.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Where `node_api.h` is: beside the running Node, or in the package that brings Node. */
function headers() {
  const packaged = `node-${process.platform}-${process.arch}`;
  return [join(dirname(process.execPath), '..'), join(modules, packaged)]
    .map((folder) => join(folder, 'include/node'))
    .find((folder) => existsSync(join(folder, 'node_api.h')));
}

/** Compiles the driver unless it is there. Returns what stands in the way, or nothing. */
export async function buildTokenDriver() {
  const folder = join(modules, 'pkcs11js');
  const target = join(folder, 'build/Release/pkcs11.node');
  if (existsSync(target) || !existsSync(join(folder, 'src/main.cpp'))) return undefined;
  const include = headers();
  if (!include) return 'Hardware keys: the headers of Node are missing';
  await mkdir(dirname(target), { recursive: true });
  // Two may build at once: whoever is done later puts the same in its place.
  const made = `${target}.${process.pid}`;
  const how = ['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_DISABLE_CPP_EXCEPTIONS'];
  const linked = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-ldl'];
  const sources = ['dl', 'common', 'main'].map((name) => `src/${name}.cpp`);
  const parameters = [...how, '-Iincludes', `-I${include}`, ...sources, '-o', made, ...linked];
  try {
    await run('c++', parameters, { cwd: folder });
    await rename(made, target);
    return undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return 'Hardware keys: no C++ compiler (on Debian: g++)';
    return `Hardware keys: ${String(error.stderr || error.message).slice(0, 500)}`;
  }
}
