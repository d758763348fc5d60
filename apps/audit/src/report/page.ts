/** A report as one page that needs nothing else: no script, no request, and a policy that lets none in. */
import { createHash } from 'node:crypto';
import { bars, columns, number } from './charts.ts';
import { escaped, html, type Markup } from './markup.ts';
import { type FoundKey, type Report, type ReportFinding } from './report.ts';
import { STYLE } from './style.ts';

/** Of each finding: a page with a million rows opens nowhere. */
const MOST_ROWS = 500;

const COLUMNS = { key: 'Key', wrong: 'What is wrong', whose: 'Organization', role: 'Role', made: 'Made, by' };

export function pageOf(report: Report): string {
  const { findings, figures, limits } = report;
  const wrong = findings.filter(({ count }) => count > 0);
  const right = findings.filter(({ count }) => count === 0);
  const body = html`<header>
      <h1>Report on keys</h1>
      ${factsOf(report)}${tilesOf(report)}
    </header>
    <main>
      <h2>What was found</h2>
      ${wrong.length === 0 ? html`<p>No check found anything.</p>` : summaryOf(wrong)}
      ${
        right.length > 0 &&
        html`<h3>Nothing found</h3>
          <ul>
            ${right.map(({ title }) => html`<li>${title}</li>`)}
          </ul>`
      }
      <h2>Live keys</h2>
      <div class="charts">
        ${bars('By last use', figures.byLastUse)} ${bars('Secrets by age', figures.bySecretAge)}
        ${bars('By role', figures.byRole)} ${columns('Uses a week', figures.usesByWeek, 'week')}
      </div>
      ${wrong.length > 0 && html`<h2>Findings</h2>`} ${wrong.map((finding) => findingOf(finding, report))}
      <h2>What the log cannot tell</h2>
      <ul>
        ${limits.map((limit) => html`<li>${limit}</li>`)}
      </ul>
    </main>
    <footer>
      Drawn from the event log alone by mcpstack-audit, for ${report.at}. A key is live while it is neither
      suspended nor ended.
    </footer>`;
  return documentOf(`Report on keys, ${report.at.slice(0, 10)}`, body);
}

function documentOf(title: string, body: Markup): string {
  const digest = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}

function factsOf({ at, log, organizationId, organizations }: Report): Markup {
  const whose =
    organizationId === undefined
      ? html`all organizations`
      : html`${nameOf(organizationId, organizations)} <code>${organizationId}</code>`;
  const span =
    log.firstAt === undefined ? '' : `, from ${log.firstAt.slice(0, 10)} to ${log.lastAt!.slice(0, 10)}`;
  return html`<dl class="facts">
    <dt>For</dt>
    <dd>${whose}</dd>
    <dt>At</dt>
    <dd>${at}</dd>
    <dt>Log</dt>
    <dd><code>${log.id}</code> up to position ${log.untilPosition}</dd>
    <dt>Events</dt>
    <dd>${number(log.events)}${span}</dd>
  </dl>`;
}

function tilesOf({ figures: { keys, organizations, members, uses } }: Report): Markup {
  const tiles: [number, string][] = [
    [keys.live, 'live keys'],
    [keys.suspended, 'suspended keys'],
    [keys.revoked, `revoked keys, ${number(keys.revokedForLeak)} for a leak`],
    [keys.expired, 'expired keys'],
    [members.active, `members, and ${number(members.suspended)} suspended`],
    [organizations.active, `organizations, and ${number(organizations.suspended)} suspended`],
    [uses, 'uses'],
  ];
  return html`<ul class="tiles">
    ${tiles.map(([count, what]) => html`<li><strong>${number(count)}</strong><span>${what}</span></li> `)}
  </ul>`;
}

function summaryOf(findings: readonly ReportFinding[]): Markup {
  const all = findings.map(({ id, title, count, severity }) => ({
    label: title,
    count,
    tone: severity,
    anchor: id,
  }));
  return html`<div class="summary">${bars('Keys by finding', all)}</div>`;
}

function findingOf({ id, severity, title, why, next, count, keys }: ReportFinding, report: Report): Markup {
  const shown = keys.slice(0, MOST_ROWS);
  const more = count - shown.length;
  return html`<section class="finding panel" id="${id}">
    <h3><span class="mark ${severity}">${severity}</span> ${title}: ${number(count)}</h3>
    <p>${why} ${next}</p>
    <div class="scroll" role="region" tabindex="0" aria-label="${title}">
      <table class="keys">
        <thead>
          <tr>
            ${Object.values(COLUMNS).map((title) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map((key) => rowOf(key, report.organizations))}
        </tbody>
      </table>
    </div>
    ${
      more > 0 &&
      html`<p class="quiet">
        … and ${number(more)} more: mcpstack-audit report --json lists
        ${keys.length === count ? 'all' : `the first ${number(keys.length)}`}.
      </p>`
    }
  </section> `;
}

function rowOf(
  { keyId, name, detail, organizationId, role, kind, createdAt, createdBy }: FoundKey,
  names: Record<string, string>,
): Markup {
  const whose = nameOf(organizationId, names);
  return html`<tr>
    <th scope="row"><bdi>${name}</bdi><br /><code>${keyId}</code></th>
    <td data-title="${COLUMNS.wrong}">${detail}</td>
    <td data-title="${COLUMNS.whose}"><bdi>${whose}</bdi><br /><code>${organizationId}</code></td>
    <td class="role" data-title="${COLUMNS.role}">${role ?? kind}</td>
    <td data-title="${COLUMNS.made}">${createdAt.slice(0, 10)}<br /><code>${createdBy}</code></td>
  </tr> `;
}

function nameOf(id: string, names: Record<string, string>): string {
  return Object.hasOwn(names, id) ? names[id]! : id;
}
