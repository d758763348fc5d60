/** What a collector of traces is sent by a running product: one trace for one request, and no secret. One start for all. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tokenDigest, VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import { Collector, waitFor, type CollectedSpan } from '@mcpstack/testing';
import { createVerifier } from '@mcpstack/verify';
import { headers } from '@nats-io/transport-node';
import { context, ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { FAST, OWNER, Product } from './product.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let product: Product;
let collector: Collector;

beforeAll(async () => {
  collector = await Collector.start();
  product = await Product.start({
    instances: { webhooks: 1 },
    env: {
      ...FAST,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_POLL_MS: '100',
    },
  });
}, 240_000);
afterAll(async () => {
  await product?.stop();
  await collector?.stop();
});

/** What a service's SDK of OpenTelemetry registers, as far as a check needs it. */
class ActiveContext implements ContextManager {
  readonly #active = new AsyncLocalStorage<Context>();
  active = (): Context => this.#active.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (inside, work, self, ...args) =>
    this.#active.run(inside, () => work.call(self as never, ...args));
  bind: ContextManager['bind'] = (_inside, target) => target;
  enable = (): this => this;
  disable = (): this => this;
}

/** The first span that is like this, once it has arrived. */
function span(traceId: string, name: string): Promise<CollectedSpan> {
  return waitFor(() => Promise.resolve(collector.of(traceId).find((one) => one.name === name)), {
    what: `${name} in ${traceId}; there are ${collector
      .of(traceId)
      .map((one) => one.name)
      .join(', ')}`,
    timeoutMs: 60_000,
  });
}

const traceOf = (requestId: string): string => requestId.slice(0, 32);

/** Creates a key until it is answered, and says under which request id it was. */
async function create(name: string, more: Record<string, string> = {}) {
  const answer = await product.insist('POST', product.keysPath, {
    body: { name, role: 'developer' },
    headers: more,
  });
  expect(answer.status).toBe(201);
  return { secret: answer.body['secret'] as string, requestId: answer.headers.get('x-request-id')! };
}

describe('one request is one trace', () => {
  it('from HTTP over the command and the append to the read models', async () => {
    const { requestId } = await create('traced');
    expect(requestId).toMatch(/^[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const id = traceOf(requestId);
    const route = '/api/v1/organizations/:orgId/api-keys';
    const request = await span(id, `POST ${route}`);
    const sent = await span(id, 'send createKey');
    const command = await span(id, 'command createKey');
    const append = await span(id, 'append to the log');
    const wait = await span(id, 'wait until applied');
    const applied = await span(id, 'apply to the read models');

    expect(request).toMatchObject({
      service: 'mcpstack-gateway',
      spanId: requestId.slice(33, 49),
      parentSpanId: '',
      kind: 2,
      fields: { 'http.route': route, 'http.response.status_code': 201, 'mcpstack.request_id': requestId },
    });
    expect(sent).toMatchObject({ service: 'mcpstack-gateway', parentSpanId: request.spanId, kind: 3 });
    expect(command).toMatchObject({ service: 'mcpstack-issuance', parentSpanId: sent.spanId, kind: 2 });
    expect(append).toMatchObject({ service: 'mcpstack-issuance', parentSpanId: command.spanId });
    expect(append.fields['mcpstack.stream_category']).toBe('key');
    expect(wait.parentSpanId).toBe(command.spanId);
    expect(applied).toMatchObject({ service: 'mcpstack-projection', parentSpanId: request.spanId });
    expect(applied.fields['mcpstack.event_types']).toContain('KeyCreated');
    for (const one of [sent, command, append, wait]) expect(one.endNs).toBeGreaterThanOrEqual(one.startNs);
  });

  it('of its caller, where that says in which; each request has a span of its own there', async () => {
    const traceparent = `00-${TRACE}-${CALLER}-01`;
    const [one, other] = [
      await create('of a caller', { traceparent }),
      await create('and another', { traceparent }),
    ];
    for (const { requestId } of [one, other]) {
      expect(traceOf(requestId)).toBe(TRACE);
      const own = requestId.slice(33, 49);
      const mine = await waitFor(
        () => Promise.resolve(collector.of(TRACE).find(({ spanId }) => spanId === own)),
        { what: 'the span of the request' },
      );
      expect(mine.parentSpanId).toBe(CALLER);
      await waitFor(
        () =>
          Promise.resolve(
            collector
              .of(TRACE)
              .find(({ name, parentSpanId }) => name === 'apply to the read models' && parentSpanId === own),
          ),
        { what: 'its effect' },
      );
    }
  });

  it('of a caller that does not record it there is none', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${CALLER}-00`;
    const { requestId } = await create('not recorded', { traceparent });
    expect(requestId).toMatch(/^a{32}-[0-9a-f]{16}-00$/);
    // What came later has arrived.
    await span(traceOf((await create('recorded')).requestId), 'apply to the read models');
    expect(collector.of('a'.repeat(32))).toEqual([]);
  });

  it('under a request id that the caller chose it is another trace, which says whose: the id alone is in the log', async () => {
    const traceparent = `00-${'b'.repeat(32)}-${CALLER}-01`;
    const { requestId } = await create('own id', { traceparent, 'x-request-id': 'planted-request' });
    expect(requestId).toBe('planted-request');
    const applied = await waitFor(
      () =>
        Promise.resolve(
          collector.spans.find(
            ({ name, fields }) =>
              name === 'apply to the read models' && fields['mcpstack.request_id'] === 'planted-request',
          ),
        ),
      { what: 'its effect' },
    );
    const request = await span(applied.traceId, 'POST /api/v1/organizations/:orgId/api-keys');
    expect(request).toMatchObject({
      spanId: applied.parentSpanId,
      parentSpanId: '',
      links: [{ traceId: 'b'.repeat(32), spanId: CALLER }],
    });
    await span(applied.traceId, 'command createKey');
    expect(collector.of('b'.repeat(32))).toEqual([]);
  });

  it('a revocation shows how long it waited to be final', async () => {
    const { body } = await product.insist('POST', product.keysPath, {
      body: { name: 'short', role: 'viewer' },
    });
    const answer = await product.insist('DELETE', `${product.keysPath}/${body['id'] as string}`);
    expect(answer.status).toBe(204);
    const id = traceOf(answer.headers.get('x-request-id')!);
    const wait = await span(id, 'wait until final');
    expect(Number(wait.endNs - wait.startNs) / 1e6).toBeGreaterThanOrEqual(Number(FAST.FRESH_DELTA_MS));
  });

  it('a key that calls the API is checked inside the trace', async () => {
    const { secret } = await create('calls');
    const answer = await product.insist('GET', '/api/v1/me', { token: secret });
    const id = traceOf(answer.headers.get('x-request-id')!);
    const asked = await span(id, 'send verify');
    const checked = await span(id, 'verify');
    expect(asked.fields['mcpstack.code']).toBe('VALID');
    expect(checked).toMatchObject({ service: 'mcpstack-authorizer', parentSpanId: asked.spanId });
  });
});

describe('checks over NATS', () => {
  const check = (traceparent?: string) => {
    const made = headers();
    if (traceparent) made.set('traceparent', traceparent);
    const options = traceparent ? { timeout: 20_000, headers: made } : { timeout: 20_000 };
    return product.nats.request(VERIFY_SUBJECT, JSON.stringify({ key: secret }), options);
  };
  let secret: string;
  beforeAll(async () => {
    ({ secret } = await product.create('checked'));
  });

  it('are part of the trace that their message names; without, or where it is not recorded, of none', async () => {
    const before = collector.spans.filter(({ name }) => name === 'verify').length;
    await check();
    await check(`00-${'c'.repeat(32)}-${CALLER}-00`);
    expect((await check(`00-${'c'.repeat(32)}-${CALLER}-01`)).json<VerifyReply>().code).toBe('VALID');
    const checked = await span('c'.repeat(32), 'verify');
    expect(checked).toMatchObject({ service: 'mcpstack-authorizer', parentSpanId: CALLER, kind: 2 });
    expect(checked.fields).toMatchObject({ 'mcpstack.code': 'VALID', 'mcpstack.checks': 1 });
    expect(collector.spans.filter(({ name }) => name === 'verify')).toHaveLength(before + 1);
  });

  it('by the SDK join the active trace of the service that checks; without one they carry nothing', async () => {
    const inside = (traceId: string, traceFlags: number) =>
      trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: CALLER, traceFlags });
    const manager = new ActiveContext();
    context.setGlobalContextManager(manager);
    const verifier = await createVerifier({ nats: { servers: product.stack.natsUrl }, maxReused: 0 });
    const verify = async () => expect((await verifier.verify({ key: secret })).code).toBe('VALID');
    const before = collector.spans.filter(({ name }) => name.startsWith('verify')).length;
    try {
      await verify();
      await context.with(inside('d'.repeat(32), 0), verify);
      await Promise.all(['e', 'f'].map((one) => context.with(inside(one.repeat(32), 1), verify)));
    } finally {
      await verifier.close();
      context.disable();
    }
    for (const one of ['e', 'f']) {
      // Asked together they may share a message.
      const checked = await waitFor(
        () => Promise.resolve(collector.of(one.repeat(32)).find(({ name }) => name.startsWith('verify'))),
        { what: 'the check' },
      );
      expect(checked).toMatchObject({ parentSpanId: CALLER, fields: { 'mcpstack.code': 'VALID' } });
    }
    expect(collector.spans.filter(({ name }) => name.startsWith('verify'))).toHaveLength(before + 2);
  });
});

describe('webhooks', () => {
  it('deliveries are part of the trace of the request that the event came of', async () => {
    const receiver = createServer((_request, response) => response.writeHead(204).end());
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    try {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hidden-path?hidden=1`;
      const path = `/api/v1/organizations/${product.organizationId}/webhooks`;
      const made = await product.insist('POST', path, { body: { url, eventTypes: ['KeyCreated'] } });
      expect(made.status).toBe(201);
      const { requestId } = await create('told of');
      const delivery = await span(traceOf(requestId), 'deliver to a webhook');
      expect(delivery).toMatchObject({
        service: 'mcpstack-webhooks',
        parentSpanId: requestId.slice(33, 49),
        fields: {
          'mcpstack.event_types': 'KeyCreated',
          'mcpstack.outcome': 'delivered',
          'http.response.status_code': 204,
          'mcpstack.webhook_id': made.body['id'],
        },
      });
      secrets.push('hidden', made.body['secret'] as string);
    } finally {
      receiver.close();
    }
  });
});

/** What must be in nothing that the collector was sent. */
const secrets: string[] = [];

describe('G1: secrets', () => {
  it('no key, digest, login, address of a person, name, URL or Idempotency-Key is in anything that was sent', async () => {
    const idempotencyKey = crypto.randomUUID();
    const body = { name: 'a name that nobody else has', role: 'admin' };
    const made = await product.insist('POST', product.keysPath, { body, idempotencyKey });
    const secret = made.body['secret'] as string;
    await product.verify({ key: secret });
    await product.http('GET', product.keysPath, { token: secret });
    await product.http('GET', `/api/v1/me?key=${secret}`);
    await product.http('GET', `/api/v1/${secret}`);
    await product.http('POST', product.keysPath, { token: secret, body: { name: secret, role: 'emperor' } });
    await product.http('GET', '/api/v1/me', {
      headers: { 'x-request-id': secret, traceparent: secret, baggage: secret, tracestate: `a=${secret}` },
    });
    const last = await create('the last one');
    await span(traceOf(last.requestId), 'apply to the read models');
    await span(traceOf(last.requestId), 'POST /api/v1/organizations/:orgId/api-keys');
    secrets.push(
      ...[secret, secret.slice('mcpstack_sk_'.length), tokenDigest(secret), last.secret, product.token],
      ...[idempotencyKey, OWNER.password, OWNER.email, body.name, 'told of', OWNER.organization],
    );
    const sent = collector.texts.join('\n');
    expect(secrets.filter((word) => sent.includes(word))).toEqual([]);
    // The same search finds what does go out.
    expect(sent).toContain('planted-request');
    expect(sent).toContain('/api/v1/organizations/:orgId/api-keys');
  });
});

it('a collector that takes everything and answers nothing holds up nothing', async () => {
  collector.behaviour = 'hang';
  const before = collector.texts.length;
  const { secret } = await create('while it hangs');
  await waitFor(() => Promise.resolve(collector.texts.length > before || undefined), {
    what: 'the collector to be asked',
  });
  expect((await product.verify({ key: secret })).code).toBe('VALID');
  expect((await create('still')).requestId).toMatch(/-01$/);
});
