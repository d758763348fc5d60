/** A browser as far as logging in needs one: it keeps cookies by origin, and follows no redirect by itself. */
import type { Answer, Harness } from './harness.ts';

export interface Visit {
  method?: string;
  headers?: readonly string[];
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
}

export class Browser {
  /** Of the gateway's origin: name → value. */
  readonly cookies = new Map<string, string>();
  /** Every `Set-Cookie` as it came. */
  readonly setCookies: string[] = [];

  constructor(
    private readonly harness: Harness,
    /** Where people reach the gateway; what goes there goes to the harness. */
    private readonly publicUrl: string,
  ) {}

  /** @param url of the gateway: a path, or an address at the public origin. */
  async visit(url: string, { method = 'GET', headers = [], form }: Visit = {}): Promise<Answer> {
    const path = url.startsWith('/') ? url : url.slice(this.publicUrl.length);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.harness.call(method, path, {
      headers: [
        ...(cookie ? ['Cookie', cookie] : []),
        ...(form ? ['Content-Type', 'application/x-www-form-urlencoded'] : []),
        ...headers,
      ],
      ...(form && { raw: new URLSearchParams(form).toString() }),
    });
    for (const line of answer.headers['set-cookie'] ?? []) this.keep(line);
    return answer;
  }

  /** To the provider and to the address that it sends the browser back to, which is not visited. */
  async toCallback(returnTo?: string): Promise<string> {
    const query = returnTo === undefined ? '' : `?${new URLSearchParams({ returnTo }).toString()}`;
    const sent = await this.visit(`/auth/login${query}`);
    if (sent.status !== 303) throw new Error(`login answered ${sent.status} ${sent.text}`);
    const back = await fetch(sent.headers.location!, { redirect: 'manual' });
    if (back.status !== 303) throw new Error(`the provider answered ${back.status} ${await back.text()}`);
    return back.headers.get('location')!;
  }

  /** The whole login. */
  async login(returnTo?: string): Promise<Answer> {
    return this.visit(await this.toCallback(returnTo));
  }

  private keep(line: string): void {
    this.setCookies.push(line);
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (/max-age=0/i.test(line)) this.cookies.delete(name!);
    else this.cookies.set(name!, value!);
  }
}
