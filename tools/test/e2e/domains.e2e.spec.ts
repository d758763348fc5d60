/**
 * From an unproven domain to an agent in a page, and back: name server, web server, page and product are all real.
 * What the grace of seven days comes to is shown by an event that lets it end soon.
 */
import { randomUUID } from 'node:crypto';
import { AgentError, createAgent } from '@mcpstack/agent-sdk';
import { newId } from '@mcpstack/contracts';
import { chained, chainEnd, openEventStore } from '@mcpstack/event-store';
import { waitFor } from '@mcpstack/testing';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { DnsServer } from '../../../apps/scheduler/test/dns-server.ts';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { ProofServer } from '../../../apps/scheduler/test/proof-server.ts';
import { newPerson } from './people.ts';
import { FAST, Product, type Answer } from './product.ts';

const RECHECK_MS = 1_000;
const EMBED = '/api/v1/embed/agent';

let dns: DnsServer;
let web: ProofServer;
let product: Product;
beforeAll(async () => {
  [dns, web] = await Promise.all([DnsServer.start(), ProofServer.start()]);
  product = await Product.start({
    instances: { scheduler: 2, authorizer: 2 },
    env: {
      ...FAST,
      DNS_SERVERS: dns.address,
      DOMAIN_POLL_MS: '100',
      DOMAIN_RECHECK_MS: String(RECHECK_MS),
      DOMAIN_CHECK_ALLOW_PRIVATE: 'true',
      DOMAIN_CHECK_SCHEME: 'http',
      DOMAIN_CHECK_PORT: String(web.port),
    },
  });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await Promise.all([dns?.stop(), web?.stop()]);
});

interface Shown {
  id: string;
  state: string;
  method?: string;
  proof: { dns: { type: string; name: string; value: string }; file: { url: string; content: string } };
  found: {
    dns: { ok: boolean; values: string[]; problem?: string };
    file: { ok: boolean; problem?: string };
  };
}

/** An agent with one domain, and what its owner does with it. */
class Site {
  agentId = '';
  path = '';

  constructor(
    readonly domain: string,
    readonly organizationId = product.organizationId,
    readonly token = product.token,
  ) {}

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await product.http(method, path, {
      token: this.token,
      ...(body !== undefined && { body }),
    });
    expect([path, answer.body['detail']]).toEqual([path, undefined]);
    return answer;
  }

  get base(): string {
    return `/api/v1/organizations/${this.organizationId}`;
  }

  async add(): Promise<Shown> {
    const agent = await this.#ask('POST', `${this.base}/agents`, { name: `Of ${this.domain}` });
    this.agentId = agent.body['id'] as string;
    const domains = `${this.base}/agents/${this.agentId}/domains`;
    const { body } = await this.#ask('POST', domains, { domain: this.domain });
    this.path = `${domains}/${body['id'] as string}`;
    return body as unknown as Shown;
  }

  async check(): Promise<Shown> {
    return (await this.#ask('POST', `${this.path}/check`)).body as unknown as Shown;
  }

  async read(): Promise<Shown> {
    return (await this.#ask('GET', this.path)).body as unknown as Shown;
  }

  async become(state: string): Promise<void> {
    await waitFor(async () => (await this.read()).state === state, {
      timeoutMs: 60_000,
      what: `${this.domain} to be ${state}`,
    });
  }

  remove(): Promise<Answer> {
    return this.#ask('DELETE', this.path);
  }

  /** A publishable key for `https://app.<domain>`. */
  async key(): Promise<string> {
    const body = { name: 'page', agentId: this.agentId, origins: [this.origin] };
    return (await this.#ask('POST', `${this.base}/public-keys`, body)).body['value'] as string;
  }

  get origin(): string {
    return `https://app.${this.domain}`;
  }

  /** What a page at this origin is answered. */
  embed(key: string, origin: string | undefined = this.origin): Promise<Answer> {
    return product.http('GET', EMBED, { token: key, headers: origin === undefined ? {} : { origin } });
  }

  async refused(key: string): Promise<void> {
    const [answer, reply] = await Promise.all([
      this.embed(key),
      product.verify({ key, origin: this.origin }),
    ]);
    expect([answer.status, reply.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  }
}

describe('a domain and the pages under it', () => {
  it('not found, found, verified; then a page of it is served, and no other', async () => {
    const site = new Site('shop.example.com');
    const { proof } = await site.add();
    expect(proof.dns).toMatchObject({ type: 'TXT', name: '_mcpstack-challenge.shop.example.com' });
    const nothing = await site.check();
    expect(nothing).toMatchObject({ state: 'pending', found: { dns: { ok: false }, file: { ok: false } } });
    expect(nothing.found.dns.problem).toEqual(expect.any(String));
    dns.set('TXT', proof.dns.name, ['mcpstack-verify=another', 'v=spf1 -all']);
    const wrong = await site.check();
    expect(wrong).toMatchObject({
      state: 'pending',
      found: { dns: { values: ['mcpstack-verify=another'] } },
    });
    // No key for a page of a domain that is not proven.
    const early = { name: 'page', agentId: site.agentId, origins: [site.origin] };
    expect((await product.http('POST', `${site.base}/public-keys`, { body: early })).status).toBe(400);

    dns.set('TXT', proof.dns.name, [proof.dns.value]);
    expect(await site.check()).toMatchObject({
      state: 'verified',
      method: 'dns',
      found: { dns: { ok: true } },
    });
    const key = await site.key();
    expect(key).toMatch(/^mcpstack_pk_/);
    const answer = await site.embed(key);
    expect(answer).toMatchObject({ status: 200, body: { agent: { id: site.agentId } } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(site.origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toMatch(/\borigin\b/i);
    const preflight = await fetch(product.stack.gatewayUrl + EMBED, {
      method: 'OPTIONS',
      headers: { origin: site.origin, 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(site.origin);

    const fetchAt =
      (origin: string): typeof fetch =>
      (url, init) =>
        fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), origin } });
    const load = (origin: string) =>
      createAgent({ key, baseUrl: product.stack.gatewayUrl, fetch: fetchAt(origin) }).load();
    expect(await load(site.origin)).toEqual({ id: site.agentId, name: 'Of shop.example.com' });
    await expect(load('https://shop.example.com')).rejects.toBeInstanceOf(AgentError);

    const others = [undefined, 'null', 'https://shop.example.com', 'http://app.shop.example.com'];
    const near = [
      `${site.origin}:8443`,
      `${site.origin}.`,
      `${site.origin}/`,
      'https://app.shop.example.com.evil.com',
    ];
    for (const origin of [...others, ...near]) {
      const refused = await product.http('GET', EMBED, {
        token: key,
        headers: origin === undefined ? {} : { origin },
      });
      expect([origin, refused.status]).toEqual([origin, 403]);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    }
  }, 600_000);

  it('stale without its record, still served; lapsed when the grace ends, refused; proven again, served', async () => {
    const site = new Site('news.example.com');
    const { proof } = await site.add();
    dns.set('TXT', proof.dns.name, [proof.dns.value]);
    await site.check();
    const key = await site.key();
    dns.set('TXT', proof.dns.name, []);
    await site.become('stale');
    expect((await site.embed(key)).status).toBe(200);

    const endsMs = Date.now() + 2_000;
    await endGrace(site, new Date(endsMs).toISOString());
    let lateAnswers = 0;
    const outcome = await waitFor(
      async () => {
        const sentAtMs = Date.now();
        const { code } = await product.verify({ key, origin: site.origin });
        if (code === 'VALID' && sentAtMs >= endsMs) lateAnswers += 1;
        return code === 'VALID' ? undefined : code;
      },
      { intervalMs: 5, what: 'the grace to end' },
    );
    expect([outcome, lateAnswers]).toEqual(['ORIGIN_NOT_ALLOWED', 0]);
    expect(Date.now()).toBeGreaterThanOrEqual(endsMs);
    await site.become('lapsed');
    await site.refused(key);

    dns.set('TXT', proof.dns.name, [(await site.read()).proof.dns.value]);
    expect(await site.check()).toMatchObject({ state: 'verified' });
    await waitFor(async () => (await site.embed(key)).status === 200, {
      what: 'the page to be served again',
    });
    // Two schedulers looked all the while; each change is there once.
    const types = (await product.log())
      .filter(({ stream }) => stream === `agent-${site.agentId}`)
      .map(({ type }) => type.replace('AgentDomain', ''));
    expect(types).toEqual(['AgentCreated', 'Added', 'Verified', 'Stale', 'Stale', 'Lapsed', 'Verified']);
  }, 600_000);

  it('the file proves as well; taken away by its owner, the page is refused once that is answered', async () => {
    const site = new Site('files.example.com');
    const { proof } = await site.add();
    dns.set('A', 'files.example.com', ['127.0.0.1']);
    web.serve(`${proof.file.content}\n`);
    expect(await site.check()).toMatchObject({ state: 'verified', method: 'file' });
    expect(web.requests.at(-1)).toMatchObject({ path: new URL(proof.file.url).pathname });
    const key = await site.key();
    expect((await site.embed(key)).status).toBe(200);
    expect((await site.remove()).status).toBe(204);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => product.verify({ key, origin: site.origin })),
    );
    expect(replies.map(({ code }) => code)).not.toContain('VALID');
    await site.refused(key);
    // It may be repeated; what never was is not there.
    expect((await site.remove()).status).toBe(204);
    const never = site.path.replace(/[^/]+$/, newId('domain'));
    expect((await product.http('DELETE', never, { token: site.token })).status).toBe(404);
  }, 600_000);

  it('another organization proves the same name: the first is pending again, and its page refused', async () => {
    const first = new Site('contested.example.com');
    const { proof } = await first.add();
    dns.set('TXT', proof.dns.name, [proof.dns.value]);
    await first.check();
    const key = await first.key();
    expect((await first.embed(key)).status).toBe(200);

    const rival = await newPerson(product, 'rival');
    const second = new Site('contested.example.com', rival.organizationId, rival.token);
    const { proof: theirs } = await second.add();
    expect(theirs.dns.value).not.toBe(proof.dns.value);
    // Both values stand there: the first does not end because its own is gone, but because the other was shown.
    dns.set('TXT', proof.dns.name, [proof.dns.value, theirs.dns.value]);
    expect(await second.check()).toMatchObject({ state: 'verified' });
    await first.become('pending');
    await first.refused(key);
    expect((await first.read()).proof.dns.value).not.toBe(proof.dns.value);
    const theirKey = await second.key();
    expect((await second.embed(theirKey)).body).toMatchObject({ agent: { id: second.agentId } });
    // Control: with nobody else's proof, the first stays as it was through many looks.
    const asked = dns.asked('TXT', '_mcpstack-challenge.shop.example.com');
    await waitFor(() => dns.asked('TXT', '_mcpstack-challenge.shop.example.com') > asked + 1, {
      timeoutMs: 60_000,
      what: 'the first domain to be looked at again',
    });
    const shop = (await product.log()).filter(({ type }) => type === 'AgentDomainContested');
    expect(shop.map(({ stream }) => stream)).toEqual([`agent-${first.agentId}`]);
  }, 600_000);
});

/** Writes into the log that the domain is stale, with a grace that ends then. */
async function endGrace(site: Site, graceEndsAt: string): Promise<void> {
  const stream = `agent-${site.agentId}`;
  const last = (await product.log()).filter((event) => event.stream === stream).at(-1)!;
  const store = await openEventStore(product.stack.eventStoreUrl);
  try {
    const { domainId } = last.data as { domainId: string };
    const metadata = { ...last.metadata, at: new Date().toISOString() };
    const event = { id: randomUUID(), type: 'AgentDomainStale', data: { domainId, graceEndsAt }, metadata };
    await store.append(stream, last.revision, chained(stream, chainEnd(last), [event]));
  } finally {
    await store.close();
  }
}
