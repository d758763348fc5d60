/**
 * The frame of the pages that people see outside the console: plain HTML that needs no script and nothing from
 * elsewhere, in light and dark, from 360 px on. What is put into it is escaped.
 */
import { createHash } from 'node:crypto';
import { PAGE_STYLE } from './page-style.ts';

/** A piece of HTML, escaped where it had to be. */
export class Html {
  private constructor(private readonly source: string) {}

  /** A source that is HTML already, such as a form that a library of ours made. Never what somebody sent. */
  static fromTrusted(source: string): Html {
    return new Html(source);
  }

  toString(): string {
    return this.source;
  }
}

/** What may stand in a template: text is escaped, lists stand one after the other, `undefined` and `false` are nothing. */
export type Shown = Html | string | number | false | undefined | readonly Shown[];

/**
 * HTML from a template.
 * @example html`<p>${text}</p>${isNew && html`<p>New.</p>`}`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Shown[]): Html {
  const source = parts.map((part, at) => (at === 0 ? part : escaped(values[at - 1]) + part)).join('');
  return Html.fromTrusted(source);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escaped(value: Shown): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(escaped).join('');
  return String(value).replace(/[&<>"'`]/g, (character) => ENTITIES[character]!);
}

export interface PageParts {
  /** Of the window and of the page: what it is for, in a few words. */
  title: string;
  /** Stands below the title. */
  body: Html;
}

/** As one piece: white space around it would make it another text than the one that the policy names. */
const STYLE = Html.fromTrusted(`<style>${PAGE_STYLE}</style>`);

/** A whole document. Send it with `pageHeaders()`. */
export function page({ title, body }: PageParts): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · MCPStack Keys</title>
        <link rel="icon" href="data:," />
        ${STYLE}
      </head>
      <body>
        <header>MCPStack Keys</header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `;
  return document.toString();
}

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');

export interface PageHeaderOptions {
  /**
   * Origins that a form of the page may lead to besides its own, also by the redirects that follow: browsers hold those
   * to `form-action` as well.
   */
  formTargets?: readonly string[];
}

/**
 * The headers of a page: nothing is loaded or run but the style above, and nobody frames it. The referrer policy is not
 * `no-referrer`: with that, browsers send `Origin: null` with forms, and nobody could tell whose they are.
 */
export function pageHeaders({ formTargets = [] }: PageHeaderOptions = {}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    'img-src data:',
    ["form-action 'self'", ...formTargets].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  };
}
