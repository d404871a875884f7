import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@eoffice/contracts';
import type { Class } from '@eoffice/contracts/language/contract';
import { planOf } from '@eoffice/contracts/language/fields';
import { readSettings, variableOf } from '@eoffice/platform/settings';
import { parse } from 'yaml';
import { passwordSetting } from './image/prepare.js';
import { productDatabase } from './local/roles.js';

// Holds docker-compose.yml and .env.example against the programs that read what they set: a wrong
// name there is found by nobody until a province waits for its office to start.

/** A service of docker-compose.yml, as far as it is looked at. */
export interface Container {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  profiles?: string[];
  user?: string;
  restart?: string;
  read_only?: boolean;
  mem_limit?: string;
  logging?: { options?: Record<string, string> };
}

export interface Compose {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean } | null>;
}

/** What is reached from outside the machine: the variables of its ports, by container. */
const openPorts: Record<string, string[]> = {
  gateway: ['HTTP_PORT'],
  mail: ['SMTP_PORT', 'SUBMISSION_PORT', 'SUBMISSION_TLS_PORT'],
};

type Environment = Record<string, string>;

const reference = /\$\{(\w+)(?::([?-])([^}]*))?\}/g;
const isSecret = (name: string) => /(PASSWORD|SECRET)$/.test(name);

/** Reads the file as Compose does. Throws for a variable that must be set and is not. */
export function readCompose(text: string, environment: Environment): Compose {
  const fill = (_: unknown, name: string, kind?: string, word = '') => {
    const value = environment[name];
    if (value || kind === '-') return value || word;
    throw new Error(`${name} is not set: ${word}`);
  };
  const revive = (_: unknown, value: unknown) =>
    typeof value === 'string' ? value.replace(reference, fill) : value;
  return parse(text, revive, { merge: true }) as Compose;
}

/** A line of .env.example: `NAME=value`, or `# NAME=value` for what is so anyway. */
interface Line {
  value: string;
  optional: boolean;
}

function linesOf(example: string): Map<string, Line> {
  const found = example.matchAll(/^(# )?([A-Z][A-Z0-9_]+)=(.*)$/gm);
  return new Map(
    [...found].map(([, mark, name, value]) => [name!, { value: value!, optional: Boolean(mark) }]),
  );
}

/** The `.env` of somebody who did what .env.example says. */
export function environmentOf(example: string): Environment {
  const wanted = [...linesOf(example)].filter(([, { optional }]) => !optional);
  return Object.fromEntries(
    wanted.map(([name, { value }]) => [name, value || randomBytes(24).toString('hex')]),
  );
}

/** What is wrong with the two files, one sentence each.
 * @param settings the class that reads the environment of a program, by the name of its container
 */
export function faultsOf(
  text: string,
  example: string,
  settings: Record<string, Class>,
  root: string,
): string[] {
  const faults = variableFaults(text, linesOf(example));
  let compose: Compose;
  try {
    compose = readCompose(text, environmentOf(example));
  } catch (error) {
    return [...faults, String(error)];
  }
  for (const name of [...serviceNames, 'prepare', 'postgres', 'nats']) {
    if (!compose.services[name]) faults.push(`${name} is missing`);
  }
  for (const [name, container] of Object.entries(compose.services)) {
    const found = [
      ...shapeFaults(name, container, compose),
      ...dependencyFaults(container, compose),
      ...(settings[name] ? programFaults(container, settings[name], root) : []),
      ...((serviceNames as readonly string[]).includes(name) ? serviceFaults(name, compose) : []),
    ];
    faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  return faults;
}

/** Every variable is explained, and none has a secret that somebody else knows. */
function variableFaults(text: string, lines: Map<string, Line>): string[] {
  const faults: string[] = [];
  const used = new Set<string>();
  for (const [, name, kind, word = ''] of text.matchAll(reference)) {
    used.add(name!);
    const line = lines.get(name!);
    if (!line) faults.push(`${name} is not in .env.example`);
    else if (!kind) faults.push(`${name} may be empty unnoticed: say \${${name}:?…} or :-`);
    else if (kind === '?' && line.optional) faults.push(`${name} must be set, and is left out`);
    else if (kind === '-' && line.optional && line.value !== word)
      faults.push(`${name} has two defaults`);
    if (isSecret(name!) && ((kind === '-' && word) || line?.value))
      faults.push(`${name} is a secret with a value that all can read`);
  }
  for (const name of lines.keys()) if (!used.has(name)) faults.push(`${name} is read by nothing`);
  return faults;
}

/** A program exists, can be told all it reads and nothing else, and starts with what it is told. */
function programFaults({ command, environment = {} }: Container, type: Class, root: string) {
  const faults: string[] = [];
  const program = command?.at(-1) ?? '';
  if (!program.endsWith('.js') || !existsSync(join(root, program)))
    faults.push(`there is no program ${program}`);
  const read = new Set([...planOf(type).keys()].map(variableOf));
  for (const name of Object.keys(environment)) {
    if (!read.has(name)) faults.push(`${name} is read by nothing`);
  }
  for (const name of read) if (!(name in environment)) faults.push(`${name} cannot be set`);
  try {
    readSettings(type, environment);
  } catch (error) {
    faults.push((error as Error).message);
  }
  return faults;
}

/** A service is asked where it listens, and speaks to its neighbours as itself. */
function serviceFaults(name: string, { services }: Compose): string[] {
  const faults: string[] = [];
  const { environment = {}, ...container } = services[name]!;
  const { HTTP_HOST, HTTP_PORT, DATABASE_URL, NATS_URL, FILES_FOLDER } = environment;
  const known = services.prepare?.environment?.[variableOf(passwordSetting(name))];
  if (DATABASE_URL !== `postgres://${name}:${known}@postgres:5432/${productDatabase}`)
    faults.push('does not reach its own schema');
  if (NATS_URL !== `nats://${name}:${known}@nats:4222`) faults.push('is not its own user of NATS');
  if (HTTP_HOST !== '0.0.0.0') faults.push('listens to nobody but itself');
  const probe = container.healthcheck?.test.at(-1) ?? '';
  if (!probe.includes(`http://127.0.0.1:${HTTP_PORT}/health/ready`))
    faults.push('its health is asked for elsewhere');
  if (!container.volumes?.includes(`files:${FILES_FOLDER}`)) faults.push('its files are not kept');
  const published = container.ports?.map((port) => port.split(':').at(-1)) ?? [];
  const open = openPorts[name]?.map((variable) => environment[variable]) ?? [];
  if (published.join() !== open.join()) faults.push(`publishes ${published.join() || 'nothing'}`);
  if (open.length > 0 && !container.networks?.includes('outside')) faults.push('is not reached');
  return faults;
}

/** What runs for months is bounded, comes back, and touches nothing else. */
function shapeFaults(name: string, container: Container, compose: Compose): string[] {
  const faults: string[] = [];
  const ends = name === 'prepare' || container.profiles !== undefined;
  if (!ends && container.restart !== 'unless-stopped') faults.push('does not come back');
  if (!container.mem_limit) faults.push('takes all memory');
  const { 'max-size': size, 'max-file': files } = container.logging?.options ?? {};
  if (!size || !files) faults.push('its log grows for ever');
  if (name !== 'postgres' && !container.read_only) faults.push('may write to its image');
  if (!(name in openPorts) && container.ports) faults.push('is published');
  if (!container.networks?.includes('inside')) faults.push('is not on the inner network');
  if (!compose.networks.inside?.internal) faults.push('the inner network is open');
  for (const volume of container.volumes ?? []) {
    if (!(volume.split(':')[0]! in compose.volumes))
      faults.push(`volume ${volume} is not declared`);
  }
  return faults;
}

/** What is waited for exists, and can become what is waited for. */
function dependencyFaults({ depends_on = {} }: Container, { services }: Compose): string[] {
  return Object.entries(depends_on).flatMap(([name, { condition }]) => {
    const other = services[name];
    if (!other) return [`waits for ${name}, which is not there`];
    const ends = other.restart?.startsWith('on-failure');
    const possible =
      (condition === 'service_healthy' && other.healthcheck) ||
      (condition === 'service_completed_successfully' && ends);
    return possible ? [] : [`waits for ${name} to be ${condition}, which it never is`];
  });
}
