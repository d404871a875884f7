import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { contracts, routeOf } from '@eoffice/contracts';
import { environmentOf, readCompose } from './compose.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');
const [page, text, example] = await Promise.all(
  ['deploy/README.md', 'docker-compose.yml', '.env.example'].map(read),
);
const compose = readCompose(text!, environmentOf(example!));

describe('deploy/README.md', () => {
  it('names variables that there are', () => {
    const named = [...page!.matchAll(/\b([A-Z]+_[A-Z_]+)\b/g)].map(([, name]) => name!);
    expect(named).toContain('GATEWAY_SECRET');
    const known = [...example!.matchAll(/([A-Z]+_?[A-Z_]*)=/g)].map(([, name]) => name!);
    expect([...known, 'COMPOSE_PROJECT_NAME']).toEqual(expect.arrayContaining(named));
  });

  it('names requests that are answered', () => {
    const answered = contracts.flatMap(({ operations }) =>
      Object.values(operations)
        .filter(({ route }) => route)
        .map((operation) => `${routeOf(operation).verb} ${routeOf(operation).path}`.toUpperCase()),
    );
    const named = [...page!.matchAll(/`((?:GET|POST) \/v1\/[^`]+)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(2);
    for (const request of named)
      expect(answered).toContain(request.replace('SERVICE', 'mail').toUpperCase());
  });

  it('names files and containers that there are', () => {
    for (const [path] of page!.matchAll(/\bdeploy\/[\w/.-]+/g))
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    const called = [...page!.matchAll(/docker compose (?:run --rm|exec|kill -s HUP) (\w+)/g)];
    expect(called.length).toBeGreaterThan(2);
    for (const [, name] of called) expect(Object.keys(compose.services)).toContain(name);
    const table = [...page!.matchAll(/^\| ((?:`\w+` ?)+) *\|/gm)].flatMap(([, names]) =>
      names!.match(/\w+/g)!,
    );
    expect(table).toEqual(expect.arrayContaining(Object.keys(compose.services)));
  });

  it('asks for as much memory as the containers may take', () => {
    const limits = Object.entries(compose.services)
      .filter(([name]) => name !== 'prepare' && name !== 'tools')
      .map(
        ([, { mem_limit }]) => Number.parseInt(mem_limit!) * (mem_limit!.endsWith('g') ? 1024 : 1),
      );
    const sum = limits.reduce((total, limit) => total + limit, 0);
    expect(page).toContain(`add up to ${Math.ceil(sum / 1024)} GB`);
  });

  it('lets through the proxy what the gateway takes', () => {
    const [, proxy] = /client_max_body_size (\d+)m/.exec(page!)!;
    expect(Number(proxy)).toBeGreaterThan(
      Number(compose.services.gateway!.environment!.UPLOAD_LIMIT_MB),
    );
  });
});
