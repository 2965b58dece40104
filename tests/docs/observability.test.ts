import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { productLogEvents } from '../../src/app/product.ts';
import { startApi } from '../helpers/api.ts';
import { type Metric, parseMetrics } from '../helpers/metrics.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/observability.md'), 'utf8');

interface Panel {
  title: string;
  type: string;
  description?: string;
  datasource?: { uid: string };
  targets?: { expr: string; datasource: { uid: string } }[];
  gridPos: { x: number; y: number; w: number; h: number };
}

interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; type: string; query: unknown }[] };
}

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const dashboard: Dashboard = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/dashboard.json'), 'utf8'));
const alerts: { groups: { name: string; rules: Rule[] }[] } = parse(
  readFileSync(join(ROOT, 'deploy/prometheus/alerts.yml'), 'utf8'),
);
const rules = alerts.groups.flatMap((group) => group.rules);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

const api = startApi();
let metrics: Map<string, Metric>;

beforeAll(async () => {
  const { access_token: token } = await api.user();
  await api.request({ url: '/auth/me', token });
  metrics = parseMetrics((await api.request({ url: '/metrics' })).body);
});

/** Every name under which a sample stands in the text. */
const sampleNames = (): Set<string> =>
  new Set(
    [...metrics.values()].flatMap(({ samples }) => [...samples.keys()].map((series) => series.split('{', 1)[0] ?? '')),
  );

/** Each series' labels, but for the buckets'. */
function labelsOf({ samples }: Metric): string[] {
  const names = [...samples.keys()].flatMap((series) =>
    [...series.matchAll(/([a-z_]+)="/g)].map(([, name]) => name ?? ''),
  );
  return [...new Set(names)].filter((name) => name !== 'le').sort();
}

const WORDS = new Set([
  'and',
  'or',
  'unless',
  'on',
  'by',
  'without',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'offset',
]);

/** The metrics that a PromQL expression reads, and the labels that it names of each or of all. */
function readsOf(expr: string): { names: string[]; labels: string[]; values: { label: string; value: string }[] } {
  const matchers = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) => [
    ...inside.matchAll(/([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g),
  ]);
  const groupings = [...expr.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, inside = '']) =>
    inside.split(',').map((label) => label.trim()),
  );
  const bare = expr
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, ' ');
  const names = [...bare.matchAll(/\b([a-z][a-z0-9_]*)\b(?!\s*\()/g)].map(([, name]) => name ?? '');
  return {
    names: [...new Set(names)].filter((name) => !WORDS.has(name)),
    labels: [...groupings, ...matchers.map(([, label]) => label ?? '')],
    values: matchers.flatMap(([, label = '', operator, value = '']) => (operator === '=' ? [{ label, value }] : [])),
  };
}

describe.each([
  ['the dashboard', expressions],
  ['the alerts', rules.map(({ expr }) => expr)],
])('%s', (_which, all) => {
  it.each(all)('reads only metrics, labels and values that the application exposes: %s', (expr) => {
    const { names, labels, values } = readsOf(expr);
    const exposed = sampleNames();
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !exposed.has(name))).toEqual([]);
    // Prometheus itself adds the job and the instance.
    const known = new Set(['job', 'instance', 'le', ...[...metrics.values()].flatMap(labelsOf)]);
    expect(labels.filter((label) => !known.has(label))).toEqual([]);
    const text = [...metrics.values()].flatMap(({ samples }) => [...samples.keys()]).join('\n');
    for (const { label, value } of values) expect(text).toContain(`${label}="${value}"`);
  });
});

describe('deploy/grafana/dashboard.json', () => {
  it('can be imported anywhere: it asks for its data source, has an id of its own, and no panel names another one', () => {
    expect([dashboard.uid, dashboard.title]).toEqual(['back-api', 'Back API']);
    expect(dashboard.schemaVersion).toBeGreaterThan(30);
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(JSON.stringify(dashboard.templating)).toContain('label_values(server_processes, job)');
    for (const { title, description, datasource, targets = [] } of panels) {
      expect(description, title).toBeTruthy();
      expect(targets.length, title).toBeGreaterThan(0);
      for (const source of [datasource, ...targets.map((target) => target.datasource)])
        expect(source?.uid, title).toBe(`$\{datasource}`);
    }
    for (const expr of expressions) expect(expr).toContain('job=~"$job"');
  });

  it('has no panel on top of another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...cells.map((cell) => Number(cell.split(',')[0])))).toBeLessThan(24);
  });
});

describe('deploy/prometheus/alerts.yml', () => {
  it.each(rules)('$alert says how long, how bad, what, and what to do first', (rule) => {
    expect(rule.for).toMatch(/^\d+m$/);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary.length).toBeGreaterThan(20);
    expect(rule.annotations.runbook).toMatch(/^[A-Z].{40,}\.$/);
  });

  it('has every name once, and runbooks that name only events and settings that exist', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const source = sourceText();
    for (const { alert, annotations } of rules) {
      for (const [word] of annotations.runbook.matchAll(/\b[a-z]+\.[a-z_]+_?[a-z]+\b|\b[A-Z]+_[A-Z_]+\b/g))
        expect(source, `${alert}: ${word}`).toContain(word);
    }
  });
});

describe('docs/guides/observability.md', () => {
  it('has every metric of ours, with its type and its labels, and none that does not exist', () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z_]+)` \| (counter|gauge|histogram) \| ([^|]*)\|/gm)].map(
      ([, name, type, labels = '']) => ({
        name,
        type,
        labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
      }),
    );
    const exposed = [...metrics]
      .filter(([name]) => !/^(process|nodejs)_/.test(name))
      .map(([name, metric]) => ({ name, type: metric.type, labels: labelsOf(metric) }));
    const byName = (a: { name: string | undefined }, b: { name: string | undefined }): number =>
      (a.name ?? '').localeCompare(b.name ?? '');
    expect(rows.sort(byName)).toEqual(exposed.sort(byName));
  });

  it('names every value of every label of the outcomes', () => {
    for (const [name, { samples }] of metrics) {
      const row = GUIDE.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
      for (const series of samples.keys()) {
        const value = /\{(?:outcome|state)="([^"]+)"\}/.exec(series)?.[1];
        if (value !== undefined) expect(row, name).toContain(`\`${value}\``);
      }
    }
  });

  it('has every event of the log with its level, and none that does not exist', () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z_.]+)` \| (info|warn|error|fatal) \|/gm)].map(
      ([, event, level]) => `${event} ${level}`,
    );
    const logged = [
      ...sourceText().matchAll(
        /\blog(?:\.(\w+)|\[level\])\(\s*(?:\{\s*event: |(?:\{\s*\.\.\.)?answered\()'([a-z_.]+)'/gi,
      ),
    ].map(([, level = 'warn', event]) => `${event} ${level}`);
    // A product says what its own events mean where it declares them, and writes each of them.
    const isOwn = (line: string): boolean => (line.split(' ')[0] ?? '') in productLogEvents;
    const ofKit = [...logged, 'request info'].filter((line) => !isOwn(line));
    expect(rows.sort()).toEqual([...new Set(ofKit)].sort());
    const own = new Set(logged.filter(isOwn).map((line) => line.split(' ')[0]));
    expect([...own].sort()).toEqual(Object.keys(productLogEvents).sort());
  });
});

function sourceText(): string {
  const folder = join(ROOT, 'src/app');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}
