/**
 * Charts of a page: inline SVG for what is drawn, and real text beside it, which stays readable on a small screen and is
 * read out as a table.
 */
import { type Bar } from './figures.ts';
import { html, type Markup } from './markup.ts';

export const number = (count: number): string => count.toLocaleString('en');

interface BarOf extends Bar {
  /** A class of the style. */
  tone?: string;
  /** Of the page. */
  anchor?: string;
}

/** Bars side by side: label, bar, number. */
export function bars(title: string, all: readonly BarOf[], { isWide = false } = {}): Markup {
  const most = Math.max(1, ...all.map(({ count }) => count));
  const rows = all.map(({ label, count, tone, anchor }) => {
    const named = anchor === undefined ? html`${label}` : html`<a href="#${anchor}">${label}</a>`;
    // Never told by the colour alone.
    const mark = tone === undefined ? undefined : html`<span class="mark ${tone}">${tone}</span>`;
    return html`<tr>
      <th scope="row">${mark}${named}</th>
      <td>
        <svg aria-hidden="true" viewBox="0 0 1000 10" preserveAspectRatio="none">
          <rect class="${tone ?? ''}" width="${width(count, most)}" height="10" />
        </svg>
      </td>
      <td>${number(count)}</td>
    </tr> `;
  });
  return html`<div class="panel chart${isWide ? ' wide' : ''}">
    <h3>${title}</h3>
    <table class="bars" aria-label="${title}">
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Columns in time, oldest first. */
export function columns(title: string, all: readonly Bar[], unit: string): Markup {
  const most = Math.max(1, ...all.map(({ count }) => count));
  const rects = all.map(({ label, count }, index) => {
    const height = width(count, most);
    return html`<rect x="${index * 10 + 1}" y="${1_000 - height}" width="8" height="${height}"
      ><title>${unit} ${label}: ${number(count)}</title></rect
    >`;
  });
  const best = all.reduce((a, b) => (b.count > a.count ? b : a), all[0]!);
  const summary =
    best.count === 0
      ? `${title}: none`
      : `${title}: most in the ${unit} of ${best.label}, with ${number(best.count)}`;
  const rows = all.map(
    ({ label, count }) =>
      html`<tr>
        <th scope="row">${label}</th>
        <td>${number(count)}</td>
      </tr> `,
  );
  return html`<div class="panel chart wide">
    <h3>${title}</h3>
    <svg
      class="weeks"
      role="img"
      aria-label="${summary}"
      viewBox="0 0 ${all.length * 10} 1000"
      preserveAspectRatio="none"
    >
      ${rects}
    </svg>
    <div class="axis">
      <span>${all[0]!.label}</span><span>most: ${number(best.count)} a ${unit}</span
      ><span>${all.at(-1)!.label}</span>
    </div>
    <details>
      <summary>As a table</summary>
      <table class="bars">
        <tbody>
          ${rows}
        </tbody>
      </table>
    </details>
  </div>`;
}

/** Of a thousand; what is there is seen. */
function width(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(4, Math.round((count / most) * 1_000));
}
