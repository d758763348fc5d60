/** As much of a browser as plain pages need: it keeps cookies, follows redirects and sends forms. */
import { CookieJar } from './cookie-jar.ts';

const MAX_REDIRECTS = 20;
const TIMEOUT_MS = 45_000;

/** What the browser shows. */
export interface ShownPage {
  /** Where it ended up. */
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

export interface Sent {
  method: string;
  headers?: Record<string, string>;
  body?: string;
}

export class Browser {
  readonly cookies = new CookieJar();

  /** Opens an address, as if it was typed in. */
  open(url: string): Promise<ShownPage> {
    return this.go(url, { method: 'GET' });
  }

  /**
   * Fills in and sends the form of a page.
   * @param press the value of the button, where the form has several.
   * @throws Error when the page has no such form.
   */
  submit(page: ShownPage, fields: Record<string, string>, press?: string): Promise<ShownPage> {
    const form = readForm(page, press);
    const body = new URLSearchParams({ ...form.fields, ...fields }).toString();
    const { origin } = new URL(page.url);
    const site = new URL(form.action).origin === origin ? 'same-origin' : 'cross-site';
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin,
      'sec-fetch-site': site,
    };
    return this.go(form.action, { method: 'POST', headers, body });
  }

  /** One request, with the cookies; redirects are not followed. */
  async request(url: string, { method, headers = {}, body }: Sent): Promise<Response> {
    const cookie = this.cookies.header(new URL(url));
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { accept: 'text/html', ...headers, ...(cookie && { cookie }) },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    this.cookies.take(new URL(url), response.headers.getSetCookie());
    return response;
  }

  private async go(url: string, sent: Sent): Promise<ShownPage> {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const { status, headers, ...response } = await this.answer(
        url,
        redirects === 0 ? sent : { method: 'GET' },
      );
      const location = headers.get('location');
      if (status < 300 || status >= 400 || location === null)
        return { url, status, headers, text: response.text };
      url = new URL(location, url).href;
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects, the last one to ${withoutQuery(url)}`);
  }

  private async answer(url: string, sent: Sent): Promise<Omit<ShownPage, 'url'>> {
    const response = await this.request(url, sent);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}

interface Form {
  action: string;
  fields: Record<string, string>;
}

const TAG = (name: string): RegExp => new RegExp(`<${name}\\b([^>]*)>`, 'g');

/** The form of a page with what stands in it already, and the button that is pressed. */
function readForm({ url, status, text }: ShownPage, press: string | undefined): Form {
  const form = [...text.matchAll(TAG('form'))].at(0)?.[1];
  if (form === undefined)
    throw new Error(`no form at ${withoutQuery(url)}, which answered ${status}: ${words(text)}`);
  const fields = Object.fromEntries(
    [...text.matchAll(TAG('input'))].map(([, tag = '']) => [attribute(tag, 'name'), attribute(tag, 'value')]),
  );
  if (press !== undefined) {
    const button = [...text.matchAll(TAG('button'))]
      .map(([, tag = '']) => tag)
      .find((tag) => attribute(tag, 'value') === press);
    if (button === undefined) throw new Error(`no button ${press} at ${withoutQuery(url)}: ${words(text)}`);
    fields[attribute(button, 'name')] = press;
  }
  return { action: new URL(attribute(form, 'action') || url, url).href, fields };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#96;': '`',
};

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return value.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);
}

/** What a page says, for an error: without its style and its tags. */
function words(text: string): string {
  return text
    .replace(/<(style|head)\b[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
}

/** Codes and states stand in queries. */
function withoutQuery(url: string): string {
  return url.split('?')[0]!;
}
