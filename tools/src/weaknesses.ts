/** Which of the weaknesses that `npm audit --json` tells of are in what we ship: `--omit dev` leaves out the console. */
import { shipped, type Locked } from './licences.ts';

/** What npm says, as far as it is read here. */
export interface AuditReport {
  vulnerabilities?: Record<
    string,
    { severity: string; nodes: string[]; via: (string | { title: string })[] }
  >;
}

const SEVERE = ['moderate', 'high', 'critical'];

/**
 * A line for each package with a weakness of `moderate` or worse.
 * @throws Error where npm gave no report: then nothing is known.
 */
export function weaknesses(report: AuditReport, lock: { packages: Record<string, Locked> }): string[] {
  if (!report.vulnerabilities) throw new Error('npm audit gave no report: see what it says of the registry');
  const paths = new Set(shipped(lock).map(({ path }) => path));
  return Object.entries(report.vulnerabilities)
    .filter(([, { severity, nodes }]) => SEVERE.includes(severity) && nodes.some((path) => paths.has(path)))
    .map(([name, { severity, via }]) => {
      const what = via.map((one) => (typeof one === 'string' ? `by ${one}` : one.title));
      return `${name}: ${severity}: ${[...new Set(what)].join('; ')}`;
    });
}
