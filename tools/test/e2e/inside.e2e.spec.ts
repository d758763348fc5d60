/** What operators see of a running product. One start for all. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, waitFor } from '@mcpstack/testing';
import { describedIn, listOf, namesIn, queryNames, scrape, valueOf, type Sample } from './metrics.ts';
import { FAST, Product } from './product.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const GUIDE = join(ROOT, 'docs', 'observability.md');
const MONITORING = join(ROOT, 'deploy', 'monitoring');
const PARTS = ['gateway', 'issuance', 'projection', 'authorizer', 'scheduler', 'webhooks', 'checkpointer'];

let product: Product;
let metricsUrl: string;

const urlOf = (part: string): string => (part === 'gateway' ? metricsUrl : product.stack.service(part).url);
const of = (part: string): Promise<Sample[]> => scrape(urlOf(part));

beforeAll(async () => {
  const port = await freePort();
  metricsUrl = `http://127.0.0.1:${port}`;
  product = await Product.start({
    instances: { scheduler: 1, webhooks: 1, checkpointer: 1, 'forward-auth': 1 },
    env: { ...FAST, METRICS_PORT: `${port}`, TRUSTED_PROXIES: '127.0.0.1' },
  });
}, 180_000);
afterAll(() => product?.stop());

describe('metrics', () => {
  it('each part serves its own, and whether its servers are there', async () => {
    for (const part of [...PARTS, 'forward-auth']) {
      const samples = await of(part);
      const strangers = samples.filter(({ labels }) => labels['part'] !== part);
      expect(strangers).toEqual([]);
      expect(valueOf(samples, 'mcpstack_build_info')).toBe(1);
      expect(valueOf(samples, 'mcpstack_service_check_ok', { check: 'nats' }) ?? 1).toBe(1);
    }
  });

  it('the port of the API shows none of it; the other port shows health as well, and nothing of the API', async () => {
    expect((await product.http('GET', '/metrics')).status).toBe(404);
    expect((await fetch(`${metricsUrl}/health/ready`)).status).toBe(200);
    expect((await fetch(`${metricsUrl}/api/v1/me`)).status).toBe(404);
  });

  it('a key that is made, checked, and asked for in vain is counted where that happens', async () => {
    const { secret } = await product.create('counted');
    for (let times = 0; times < 5; times += 1) await product.verify({ key: secret });
    await product.verify({ key: secret.slice(0, -1) });
    expect((await product.http('GET', '/api/v1/organizations/org_nobody/agents')).status).toBe(404);

    const authorizer = await of('authorizer');
    expect(
      valueOf(authorizer, 'mcpstack_authorizer_verifies_total', { code: 'VALID' }),
    ).toBeGreaterThanOrEqual(5);
    expect(
      valueOf(authorizer, 'mcpstack_authorizer_verifies_total', { from: 'held' }),
    ).toBeGreaterThanOrEqual(1);
    expect(valueOf(authorizer, 'mcpstack_authorizer_verifies_total', { code: 'MALFORMED' })).toBeGreaterThan(
      0,
    );
    expect(valueOf(authorizer, 'mcpstack_authorizer_uses_counted_total')).toBeGreaterThanOrEqual(5);

    const issuance = await of('issuance');
    const command = { command: 'createKey', code: 'ok' };
    expect(valueOf(issuance, 'mcpstack_issuance_commands_total', command)).toBeGreaterThanOrEqual(1);
    expect(
      valueOf(issuance, 'mcpstack_issuance_appends_total', { outcome: 'appended' }),
    ).toBeGreaterThanOrEqual(2);

    const gateway = await of('gateway');
    const route = '/api/v1/organizations/:orgId/api-keys';
    const requests = { route, method: 'POST', status: '2xx' };
    expect(valueOf(gateway, 'mcpstack_gateway_requests_total', requests)).toBeGreaterThanOrEqual(1);
    expect(
      valueOf(gateway, 'mcpstack_gateway_request_duration_seconds_count', { route }),
    ).toBeGreaterThanOrEqual(1);

    const projection = await waitFor(async () => {
      const samples = await of('projection');
      return valueOf(samples, 'mcpstack_projection_lag_positions') === 0 ? samples : undefined;
    });
    expect(valueOf(projection, 'mcpstack_projection_active')).toBe(1);
    expect(valueOf(projection, 'mcpstack_projection_session_live')).toBe(1);
    expect(valueOf(projection, 'mcpstack_projection_lag_seconds')).toBe(0);
    expect(valueOf(projection, 'mcpstack_projection_position')).toBeGreaterThan(0);
    expect(valueOf(await of('checkpointer'), 'mcpstack_checkpointer_uncovered_events')).toBeGreaterThan(0);
  });

  describe('and what is written about them', () => {
    const described = async () => {
      const parts = [...PARTS, 'forward-auth'];
      const texts = await Promise.all(
        parts.map(async (part) => (await fetch(`${urlOf(part)}/metrics`)).text()),
      );
      return describedIn(texts.join('\n'));
    };

    it('every metric that alerts and dashboards name is served by some part', async () => {
      const served = queryNames(await described());
      const boards = join(MONITORING, 'dashboards');
      const files = [
        join(MONITORING, 'alerts.yaml'),
        ...readdirSync(boards).map((file) => join(boards, file)),
      ];
      for (const file of files) {
        const named = namesIn(readFileSync(file, 'utf8'));
        expect(named.size).toBeGreaterThan(8);
        expect([...named].filter((name) => !served.has(name))).toEqual([]);
      }
      // Control: one that nobody serves is found.
      expect(served.has('mcpstack_gateway_errors_total')).toBe(false);
    });

    it('the guide lists every one as it is served (WRITE_DOCS=true renews it)', async () => {
      const guide = readFileSync(GUIDE, 'utf8');
      const [before, after] = [guide.split('<!-- metrics -->')[0]!, guide.split('<!-- /metrics -->')[1]!];
      const renewed = `${before}<!-- metrics -->\n\n${listOf(await described())}\n\n<!-- /metrics -->${after}`;
      if (process.env['WRITE_DOCS']) writeFileSync(GUIDE, renewed);
      else expect(guide).toBe(renewed);
    });
  });

  it('what callers send makes no labels: neither paths nor methods nor ids stand in any', async () => {
    const planted = 'planted0123456789';
    await product.http('GET', `/${planted}`);
    await product.http('GET', `/api/v1/organizations/${planted}/agents?${planted}=1`);
    await product.verify({ key: planted });
    const texts = await Promise.all(
      PARTS.map(async (part) => (await fetch(`${urlOf(part)}/metrics`)).text()),
    );
    const all = texts.join('\n');
    expect(all).not.toContain(planted);
    expect(all).not.toContain(product.organizationId);
    expect(all).not.toMatch(/mcpstack_(sk|pk|st|rt)_/);
    // Control: what was sent is counted, as what it is.
    expect(all).toMatch(/mcpstack_gateway_requests_total\{route="none",method="GET",status="4xx"/);
  });

  it('a Redis that hangs shows as such, and as checks that are not answered; then it is over', async () => {
    const { secret } = await product.create('hung');
    await product.stack.redis!.pause();
    try {
      await waitFor(async () => (await product.verify({ key: secret })).code === 'UNAVAILABLE', {
        timeoutMs: 90_000,
      });
      const samples = await of('authorizer');
      expect(valueOf(samples, 'mcpstack_service_read_models_trusted')).toBe(0);
      const unavailable = { code: 'UNAVAILABLE' };
      expect(valueOf(samples, 'mcpstack_authorizer_verifies_total', unavailable)).toBeGreaterThan(0);
    } finally {
      await product.stack.redis!.resume();
    }
    await waitFor(async () => valueOf(await of('authorizer'), 'mcpstack_service_read_models_trusted') === 1, {
      timeoutMs: 90_000,
    });
  });
});
