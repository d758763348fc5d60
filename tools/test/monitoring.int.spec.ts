/** The files for operators: rules that promtool takes, each alert with both its cases and its page, dashboards that are whole. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from '@mcpstack/local-servers';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const MONITORING = join(ROOT, 'deploy', 'monitoring');
const RUNBOOKS = join(ROOT, 'docs', 'runbooks');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}
interface RuleTest {
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

const read = (file: string): string => readFileSync(join(MONITORING, file), 'utf8');
const rules = (parse(read('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
const cases = (parse(read('alerts.test.yaml')) as { tests: RuleTest[] }).tests.flatMap(
  ({ alert_rule_test: tests }) => tests,
);

describe('alerts', () => {
  it('each has a severity, a summary, and a page that says what it means, what to look at and what to do', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
      const page = readFileSync(join(RUNBOOKS, `${alert}.md`), 'utf8');
      expect(page).toContain(`# ${alert}\n`);
      expect(page).toContain(`Severity: ${labels.severity}.`);
      for (const part of ['What it means', 'What to look at', 'What to do'])
        expect(page).toContain(`## ${part}\n`);
      // Pods have no name that can be asked from outside.
      expect(page).not.toMatch(/http:\/\/[A-Z]/);
    }
  });

  it('each page has its alert', () => {
    const pages = readdirSync(RUNBOOKS).map((file) => file.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it('of each there is a case in which it fires, and one in which it is silent', () => {
    for (const { alert } of rules) {
      const of = cases
        .filter(({ alertname }) => alertname === alert)
        .map(({ exp_alerts: fired }) => fired.length);
      expect([alert, ...new Set(of)].sort()).toEqual([0, 1, alert].sort());
    }
  });
});

describe('dashboards', () => {
  it.each(readdirSync(join(MONITORING, 'dashboards')))('%s: panels with queries, none on another', (file) => {
    const board = JSON.parse(read(join('dashboards', file))) as {
      uid: string;
      panels: { id: number; title: string; gridPos: { x: number; y: number }; targets: { expr: string }[] }[];
    };
    expect(board.uid).toBe(`mcpstack-${file.replace('.json', '')}`);
    const places = board.panels.map(({ gridPos: { x, y } }) => `${x}/${y}`);
    expect(new Set(places).size).toBe(board.panels.length);
    for (const { targets } of board.panels) expect(targets.length).toBeGreaterThan(0);
  });
});

const run = promisify(execFile);
const isHere = (): Promise<boolean> =>
  run('promtool', ['--version']).then(
    () => true,
    () => false,
  );
if (!(await isHere())) await installPackages(['prometheus']).catch(() => false);
const hasPromtool = await isHere();
const withPromtool = hasPromtool ? describe : describe.skip;
const why = hasPromtool ? '' : ' (skipped: there is no promtool here, and no apt-get may install it)';

withPromtool(`Prometheus' own tool${why}`, () => {
  /** What `promtool test rules` says of the rules, changed. */
  async function tested(change: (rules: string) => string): Promise<'SUCCESS' | 'FAILED'> {
    const folder = mkdtempSync(join(tmpdir(), 'mcpstack-rules-'));
    try {
      cpSync(join(MONITORING, 'alerts.test.yaml'), join(folder, 'alerts.test.yaml'));
      writeFileSync(join(folder, 'alerts.yaml'), change(read('alerts.yaml')));
      return await run('promtool', ['test', 'rules', join(folder, 'alerts.test.yaml')]).then(
        () => 'SUCCESS' as const,
        () => 'FAILED' as const,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('takes the rules', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', join(MONITORING, 'alerts.yaml')]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  });

  it('fires each alert in its case and leaves it silent in the other', async () => {
    expect(await tested((text) => text)).toBe('SUCCESS');
  });

  it.each(['== 0', '> 0', '> 1', 'status="5xx"'])(
    'control: it does not with %s turned round',
    async (what) => {
      const turned = what.startsWith('status') ? 'status="2xx"' : '> 1e9';
      expect(await tested((text) => text.replaceAll(what, turned))).toBe('FAILED');
    },
  );

  it('takes every query of the dashboards', async () => {
    const boards = readdirSync(join(MONITORING, 'dashboards')).map((file) => read(join('dashboards', file)));
    const exprs = boards.flatMap((text) =>
      [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, expr]) => JSON.parse(expr!) as string),
    );
    expect(exprs.length).toBeGreaterThan(40);
    const asRules = {
      groups: [{ name: 'queries', rules: exprs.map((expr, place) => ({ record: `q:${place}`, expr })) }],
    };
    const folder = mkdtempSync(join(tmpdir(), 'mcpstack-rules-'));
    // JSON is YAML.
    writeFileSync(join(folder, 'queries.yaml'), JSON.stringify(asRules));
    const { stdout } = await run('promtool', ['check', 'rules', join(folder, 'queries.yaml')]);
    rmSync(folder, { recursive: true });
    expect(stdout).toContain(`SUCCESS: ${exprs.length} rules found`);
  });
});
