/** What services serve at /metrics, read as Prometheus reads it. */

export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** The text format of Prometheus. @throws for a line that is none. */
export function parseMetrics(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no metric: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text] as const)),
        value: Number(value),
      };
    });
}

export async function scrape(url: string): Promise<Sample[]> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return parseMetrics(await response.text());
}

/** The sum of the samples of this name that have all these labels; `undefined` if there is none. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** What `# HELP` and `# TYPE` say of each metric of ours; also of those that have no sample yet. */
export function describedIn(text: string): Map<string, { type: string; help: string }> {
  const helps = new Map(
    [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help]),
  );
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Map(types.map(([, name = '', type = '']) => [name, { type, help: helps.get(name) ?? '' }]));
}

/** Every name that a query may use for these metrics. */
export function queryNames(described: ReadonlyMap<string, { type: string }>): Set<string> {
  return new Set(
    [...described].flatMap(([name, { type }]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

/** The metrics of ours that a text speaks of. */
export function namesIn(text: string): Set<string> {
  return new Set(text.match(/\b(mcpstack|process|nodejs)_[a-z0-9_]+\b/g) ?? []);
}

/** The list of docs/observability.md. */
export function listOf(described: ReadonlyMap<string, { type: string; help: string }>): string {
  return [...described]
    .filter(([name]) => name.startsWith('mcpstack_'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { type, help }]) => `- \`${name}\` (${type}): ${help}`)
    .join('\n');
}
