import { createHash } from 'node:crypto';
import { Html, html, page, pageHeaders } from './page.ts';

const NASTY = `</title><script>alert(1)</script>"' onload=x \`&<!--`;
const ESCAPED = '&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x &#96;&amp;&lt;!--';

describe('a template', () => {
  it('escapes every value, wherever it stands', () => {
    expect(html`<p title="${NASTY}">${NASTY}</p>`.toString()).toBe(`<p title="${ESCAPED}">${ESCAPED}</p>`);
  });

  it('keeps what is HTML, and takes lists, numbers and what is absent', () => {
    const items = ['a', '<'].map((one) => html`<b>${one}</b>`);
    expect(html`${items}${7}${undefined}${false}`.toString()).toBe('<b>a</b><b>&lt;</b>7');
  });

  it('control: what is called trusted is not escaped', () => {
    expect(html`${Html.fromTrusted(NASTY)}`.toString()).toBe(NASTY);
  });
});

describe('a page', () => {
  const shown = page({ title: NASTY, body: html`<p>${NASTY}</p>` });

  it('shows what it is given as text', () => {
    expect(shown).toContain(`<title>${ESCAPED} `);
    expect(shown).toContain(`<h1>${ESCAPED}</h1>`);
    expect(shown).not.toContain('<script');
  });

  it('says its language, fits narrow windows, and has one title and one main part', () => {
    expect(shown).toContain('<html lang="en">');
    expect(shown).toContain('width=device-width');
    expect(shown.match(/<h1>/g)).toHaveLength(1);
    expect(shown.match(/<main>/g)).toHaveLength(1);
  });

  it('loads nothing: neither by tag nor from its style', () => {
    expect(shown).not.toMatch(/\b(src|srcset|action|poster)=/);
    expect(shown.match(/href="[^"]*"/g)).toEqual(['href="data:,"']);
    expect(shown).not.toMatch(/url\(|@import/);
    expect(shown).not.toMatch(/ style=/);
  });

  it('has the style that its policy names, and may do nothing else', () => {
    const style = /<style>([^]*)<\/style>/.exec(shown)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(pageHeaders()['Content-Security-Policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; form-action 'self'; ` +
        "frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('lets its forms lead on only where it is said', () => {
    const policy = pageHeaders({ formTargets: ['http://localhost:8080'] })['Content-Security-Policy'];
    expect(policy).toContain("form-action 'self' http://localhost:8080;");
  });

  it('is neither kept nor framed, and tells its address to nobody else', () => {
    expect(pageHeaders()).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      'X-Frame-Options': 'DENY',
    });
  });
});
