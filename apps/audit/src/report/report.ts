/** A report as data: what --json prints, and what the text and the page are drawn from. */
import { type AuditedLog } from '../log.ts';
import { look, SEVERITIES, type Found, type Settings, type Severity } from './checks.ts';
import { figuresOf, type Figures } from './figures.ts';
import { LIMITS } from './limits.ts';
import { type Survey } from './survey.ts';

export type FoundKey = Omit<Found, 'order'>;

export interface ReportFinding {
  id: string;
  severity: Severity;
  title: string;
  why: string;
  next: string;
  count: number;
  /** Worst first, as many as were asked for; `count` counts all. */
  keys: FoundKey[];
}

export interface Report {
  /** For which moment it is; ISO 8601, UTC. */
  at: string;
  log: { id: string; untilPosition: string; events: number; firstAt?: string; lastAt?: string };
  /** Of which alone it is. */
  organizationId?: string;
  settings: { days: number; rotateDays: number; addresses: number };
  figures: Figures;
  /** Names of the organizations that are mentioned. */
  organizations: Record<string, string>;
  /** Worst first; also those that found nothing. */
  findings: ReportFinding[];
  limits: readonly string[];
}

export interface ReportInput {
  survey: Survey;
  settings: Settings;
  log: Pick<AuditedLog, 'id'>;
  until: bigint;
  organizationId: string | undefined;
  /** How many keys of each finding are listed. */
  most: number;
}

export function makeReport({ survey, settings, log, until, organizationId, most }: ReportInput): Report {
  const { nowMs, days, rotateDays, addresses } = settings;
  const found = look(survey, settings);
  const findings = found.map(({ check, keys }) => ({
    id: check.id,
    severity: check.severity,
    title: check.title(settings),
    why: check.why,
    next: check.next,
    count: keys.length,
    keys: keys.slice(0, most).map(({ order: _, ...key }) => key),
  }));
  findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const { events, firstAt, lastAt } = survey;
  return {
    at: new Date(nowMs).toISOString(),
    log: {
      id: log.id,
      untilPosition: String(until),
      events,
      ...(firstAt !== undefined && { firstAt }),
      ...(lastAt !== undefined && { lastAt }),
    },
    ...(organizationId !== undefined && { organizationId }),
    settings: { days, rotateDays, addresses },
    figures: figuresOf(survey, settings),
    organizations: namesIn(survey, findings),
    findings,
    limits: LIMITS,
  };
}

function namesIn(survey: Survey, findings: readonly ReportFinding[]): Record<string, string> {
  const ids = new Set(findings.flatMap(({ keys }) => keys.map(({ organizationId }) => organizationId)));
  const names: [string, string][] = [];
  for (const id of ids) {
    const state = survey.organization(id);
    if (state.status !== 'none') names.push([id, state.name]);
  }
  return Object.fromEntries(names);
}
