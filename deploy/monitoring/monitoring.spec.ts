import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '@eoffice/contracts';
import { Metrics } from '@eoffice/platform/metrics';
import { parse } from 'yaml';
import { environmentOf, readCompose } from '../compose.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (...path: string[]) => readFile(join(...path), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}
const { groups } = parse(await read(folder, 'alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(await read(folder, 'dashboard.json')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};

/** The series that a service exports, with the labels each has beside those of every series. */
const exported = new Map<string, Set<string>>([['up', new Set()]]);
for (const metric of new Metrics('mail').registry.getMetricsAsArray()) {
  const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: string[] };
  const labels = new Set(labelNames);
  exported.set(name, labels);
  for (const part of ['bucket', 'sum', 'count']) {
    if (String(metric.type) === 'histogram') exported.set(`${name}_${part}`, labels);
  }
}
const everywhere = ['job', 'instance', 'service', 'le'];
const words = ['by', 'without', 'and', 'or', 'unless', 'on', 'ignoring', 'bool', 'offset'];

/** What an expression names that no service exports: series, and labels it picks or groups by. */
function strangersIn(expr: string): string[] {
  const bare = expr.replace(/"[^"]*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const picked = [...bare.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => list!.split(','));
  const grouped = [...bare.matchAll(/\b(?:by|on|without)\s*\(([^)]*)\)/g)].flatMap(([, list]) =>
    list!.split(','),
  );
  const labels = [...picked, ...grouped].map((label) => /\w+/.exec(label)![0]);
  const rest = bare.replace(/\{[^}]*\}/g, ' ').replace(/\b(by|on|without)\s*\([^)]*\)/g, ' ');
  const names = [...rest.matchAll(/\b[a-z_:][\w:]*\b(?!\s*\()/gi)].map(([name]) => name);
  const series = names.filter((name) => !words.includes(name));
  const known = new Set(series.flatMap((name) => [...(exported.get(name) ?? [])]));
  return [
    ...series.filter((name) => !exported.has(name)),
    ...labels.filter((label) => !known.has(label) && !everywhere.includes(label)),
  ];
}

describe('monitoring', () => {
  it('asks every service, where docker-compose.yml has it listen', async () => {
    const { scrape_configs, rule_files } = parse(await read(folder, 'prometheus.yml')) as {
      rule_files: string[];
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const compose = readCompose(
      await read(root, 'docker-compose.yml'),
      environmentOf(await read(root, '.env.example')),
    );
    const targets = serviceNames.map(
      (name) => `${name}:${compose.services[name]!.environment!.HTTP_PORT}`,
    );
    expect(scrape_configs.map(({ job_name }) => job_name)).toEqual(['eoffice']);
    expect(scrape_configs[0]!.static_configs[0]!.targets).toEqual(targets);
    expect(rule_files).toEqual(['alerts.yml']);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))('alerts: %s', async (name, rule) => {
    expect(strangersIn(rule.expr)).toEqual([]);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).toMatch(/\{\{/);
    expect(await read(root, 'deploy', 'README.md')).toContain(`\`${name}\``);
  });

  it.each(dashboard.panels.map(({ title, targets }) => [title, targets] as const))(
    'shows: %s',
    (_, targets) => {
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr } of targets) expect(strangersIn(expr)).toEqual([]);
    },
  );

  it('would notice a series or a label that nobody exports', () => {
    expect(strangersIn('rate(eoffice_outbox_total[5m]) > 0')).toEqual(['eoffice_outbox_total']);
    expect(strangersIn('sum by (route) (eoffice_reactions_total{state="x"})')).toEqual([
      'state',
      'route',
    ]);
  });
});
