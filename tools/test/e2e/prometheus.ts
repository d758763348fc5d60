/** A real Prometheus over a running product, with the rules of deploy/monitoring on a clock that runs faster. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, installPackages, ManagedProcess, waitFor } from '@mcpstack/local-servers';
import { parse, stringify } from 'yaml';

export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
}
interface RuleFile {
  groups: { name: string; rules: Rule[] }[];
}
export type Labels = Readonly<Record<string, string>>;

/** What the names of the control's rules end with. */
const BLUNT = 'Blunt';
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** Thresholds that are spans of time; others are shares, counts, or what one request takes. Seconds. */
const SPANS = /> (30|300|900)(?= |$)/g;

/** Prometheus of this machine, or what a package brings; `false` where neither is to be had. */
export async function hasPrometheus(): Promise<boolean> {
  const isHere = () =>
    promisify(execFile)('prometheus', ['--version']).then(
      () => true,
      () => false,
    );
  return (await isHere()) || ((await installPackages(['prometheus']).catch(() => false)) && (await isHere()));
}

export function rulesIn(text: string): Rule[] {
  return (parse(text) as RuleFile).groups.flatMap(({ rules }) => rules);
}

/**
 * The same rules with every span of time shorter by one factor: windows, offsets, `for`, and thresholds that are ages.
 * Nothing else of them changes.
 */
export function faster(text: string, factor: number): Rule[] {
  const shorter = (span: string): string =>
    span.replace(/^(\d+)([smh])$/, (_, count: string, unit: keyof typeof UNIT_MS) =>
      inMs((Number(count) * UNIT_MS[unit]) / factor),
    );
  return rulesIn(text).map((rule) => ({
    ...rule,
    expr: rule.expr
      .replace(/\[(\w+)\]/g, (_, span: string) => `[${shorter(span)}]`)
      .replace(/offset (\w+)/g, (_, span: string) => `offset ${shorter(span)}`)
      .replace(SPANS, (_, seconds: string) => `> ${Number(seconds) / factor}`),
    ...(rule.for !== undefined && { for: shorter(rule.for) }),
  }));
}

/** The control: the same once more, behind a threshold that nothing reaches. */
function blunt(rules: readonly Rule[]): Rule[] {
  return rules.map(({ alert, expr, ...rest }) => ({
    ...rest,
    alert: `${alert}${BLUNT}`,
    expr: `(${expr}) > 1e12`,
  }));
}

const inMs = (ms: number): string => `${Math.round(ms)}ms`;

export interface PrometheusOptions {
  rules: readonly Rule[];
  /** Where /metrics is served, whether somebody is there already or not: `host:port`. */
  targets: readonly string[];
  /** Between two scrapes, which may take as long. Milliseconds. */
  intervalMs: number;
}

export class Prometheus {
  private constructor(
    readonly url: string,
    private readonly process: ManagedProcess,
    private readonly folder: string,
  ) {}

  static async start({ rules, targets, intervalMs }: PrometheusOptions): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'mcpstack-prometheus-'));
    const [interval, address] = [inMs(intervalMs), `127.0.0.1:${await freePort()}`];
    const groups = [
      { name: 'faster', rules },
      { name: 'blunt', rules: blunt(rules) },
    ];
    const config = {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: '500ms' },
      rule_files: ['rules.yaml'],
      scrape_configs: [{ job_name: 'mcpstack', static_configs: [{ targets }] }],
    };
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }));
    writeFileSync(join(folder, 'prometheus.yaml'), stringify(config));
    const process = await ManagedProcess.start({
      name: 'Prometheus',
      command: 'prometheus',
      args: [
        `--config.file=${join(folder, 'prometheus.yaml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
    });
    const prometheus = new Prometheus(`http://${address}`, process, folder);
    const isReady = async () => {
      if (!process.running) throw new Error(process.lastLines(3).join(' | '));
      return (await fetch(`${prometheus.url}/-/ready`)).ok;
    };
    await waitFor(isReady, { timeoutMs: 120_000, what: 'Prometheus to be ready' });
    return prometheus;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The labels of what a query finds now. @throws Error with what Prometheus says of a query that is none. */
  async query(query: string): Promise<Labels[]> {
    const body = new URLSearchParams({ query });
    const response = await fetch(`${this.url}/api/v1/query`, { method: 'POST', body });
    const { data, error } = (await response.json()) as {
      data?: { result: { metric: Labels }[] };
      error?: string;
    };
    if (!data) throw new Error(`Prometheus answered ${response.status}: ${error}`);
    return data.result.map(({ metric }) => metric);
  }

  /** Alerts that fire now, or did at some time since. */
  async fired(sinceMs?: number): Promise<Labels[]> {
    return this.#alerts(sinceMs, `alertname!~".*${BLUNT}"`);
  }

  /** Those of the control that ever fired: none, whatever happens. */
  bluntFired(sinceMs: number): Promise<Labels[]> {
    return this.#alerts(sinceMs, `alertname=~".*${BLUNT}"`);
  }

  /** Whether every target is scraped and every rule was looked at. */
  async isWatching(targets: number): Promise<boolean> {
    const up = await this.query('up == 1');
    return up.length === targets;
  }

  async #alerts(sinceMs: number | undefined, which: string): Promise<Labels[]> {
    const series = `ALERTS{alertstate="firing",${which}}`;
    if (sinceMs === undefined) return this.query(series);
    return this.query(`count_over_time(${series}[${inMs(Math.max(1, Date.now() - sinceMs))}])`);
  }
}
