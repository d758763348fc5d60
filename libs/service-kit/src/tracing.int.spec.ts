/** Traces between the two ends of a command, and what a collector that does not work costs. */
import { execFileSync } from 'node:child_process';
import { COMMAND_SUBJECTS, type CommandEnvelope, type KeyIdInput } from '@mcpstack/contracts';
import { Collector, startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { CommandClient } from './command-client.ts';
import { DrainingNatsServer } from './command-server.ts';
import { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { MOST_WAITING } from './otlp-tracer.ts';
import {
  isTracing,
  newRequestId,
  rootOf,
  startTracing,
  stopTracing,
  tellSpan,
  traced,
  type SpanFields,
} from './tracing.ts';
import { TRACING_SETTINGS, type TracingSettings } from './tracing-settings.ts';
import { readConfig } from './config.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

@Controller()
class RevokeController {
  @MessagePattern(COMMAND_SUBJECTS.revokeKey)
  revoke(): Promise<{ position: string }> {
    return traced('handled', { kind: 'server' }, () => Promise.resolve({ position: '1' }));
  }
}
@Module({ controllers: [RevokeController] })
class CommandModule {}

let nats: LocalServer;
let spy: NatsConnection;
let collector: Collector;
let lines: string[];
let metrics: Metrics;
const messages: Msg[] = [];

beforeAll(async () => {
  nats = await startNats();
  spy = await connect({ servers: nats.url });
  spy.subscribe(COMMAND_SUBJECTS.revokeKey, { callback: (_error, message) => void messages.push(message) });
  await spy.flush();
});
afterAll(async () => {
  await spy?.close();
  await nats?.stop();
});
beforeEach(async () => {
  collector = await Collector.start();
  lines = [];
  messages.length = 0;
});
afterEach(async () => {
  await stopTracing();
  await collector.stop();
});

function settings(env: Record<string, string> = {}): TracingSettings {
  return readConfig(TRACING_SETTINGS, { OTEL_BSP_SCHEDULE_DELAY: '20', ...env });
}

async function start(env?: Record<string, string>): Promise<void> {
  const log = new Log('spec', 'info', { write: (line: string) => void lines.push(line) });
  metrics = new Metrics('spec');
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  await startTracing('spec', settings(env ?? on), { log, metrics });
}

async function count(outcome: string): Promise<number> {
  const text = await metrics.text();
  return Number(new RegExp(`spans_total{outcome="${outcome}",part="spec"} (\\d+)`).exec(text)?.[1]);
}

/** Sends one command under this request id, to a server that handles it in a span. */
async function command(requestId: string, actorType: 'user' | 'system' = 'user'): Promise<void> {
  const envelope: CommandEnvelope<KeyIdInput> = {
    commandId: '00000000-0000-8000-8000-000000000001',
    requestId,
    actor: { type: actorType, id: 'someone' },
    requestDigest: 'd',
    input: { organizationId: 'org_1', keyId: 'key_1', kind: 'service' },
  };
  const strategy = new DrainingNatsServer(nats.url, 'spec', 'issuance');
  const app = await NestFactory.createMicroservice(CommandModule, { strategy, logger: false });
  await app.listen();
  const client = new CommandClient(nats.url, 'spec-client');
  await client.connect();
  await client.send('revokeKey', envelope);
  await client.close();
  await app.close();
}

const traceparents = (): (string | undefined)[] =>
  messages.map(({ headers }) => headers?.get('traceparent') || undefined);

describe('where no collector is set', () => {
  it('nothing is traced, no header is sent, and request ids are what they were', async () => {
    await start({});
    expect(isTracing()).toBe(false);
    expect(newRequestId({ traceId: TRACE, spanId: '00f067aa0ba902b7', isSampled: true })).toMatch(
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    );
    await command(`${TRACE}-00f067aa0ba902b7-01`);
    expect(messages.map(({ headers }) => headers)).toEqual([undefined]);
    expect(collector.texts).toEqual([]);
  });

  it('and OTEL_SDK_DISABLED turns off what is set', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' });
    expect(isTracing()).toBe(false);
  });

  it('the SDK is not even loaded; where it is on, it is', () => {
    const look = (endpoint: string): string =>
      execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import { createRequire } from 'node:module';
          const kit = await import('@mcpstack/service-kit');
          const settings = kit.readConfig(kit.TRACING_SETTINGS, { OTEL_EXPORTER_OTLP_ENDPOINT: '${endpoint}' });
          await kit.startTracing('spec', settings, { log: new kit.Log('spec', 'silent'), metrics: new kit.Metrics('spec') });
          const loaded = Object.keys(createRequire(import.meta.url).cache);
          console.log(loaded.some((path) => path.includes('@opentelemetry/sdk-trace')));
          process.exit(0);`,
        ],
        { encoding: 'utf8', cwd: import.meta.dirname, env: { ...process.env, NODE_OPTIONS: '' } },
      ).trim();
    expect(look('')).toBe('false');
    expect(look('http://127.0.0.1:9')).toBe('true');
  });
});

describe('a command', () => {
  it('is one trace from the root that its request id names, over NATS, to the handler', async () => {
    await start();
    const requestId = newRequestId();
    await command(requestId);
    const root = rootOf(requestId)!;
    const [sent, handled] = await waitFor(
      () => {
        const spans = collector.of(root.traceId);
        const named = ['send revokeKey', 'handled'].map((name) => spans.find((span) => span.name === name));
        return Promise.resolve(named.every((span) => span) ? named : undefined);
      },
      { what: 'both spans' },
    );
    expect(sent).toMatchObject({ parentSpanId: root.spanId, service: 'mcpstack-spec', kind: 3 });
    expect(handled).toMatchObject({ parentSpanId: sent!.spanId, kind: 2 });
    expect(traceparents()).toEqual([`00-${root.traceId}-${sent!.spanId}-01`]);
    await waitFor(async () => (await count('exported')) >= 2 || undefined, { what: 'the count' });
  });

  it('of a trace that is not recorded, or of a service on its own account, has no header and no span', async () => {
    await start();
    await command(`${TRACE}-00f067aa0ba902b7-00`);
    await command('3f1c2a52-95e7-4a57-9d59-9a3f4f1f7a11', 'system');
    expect(traceparents()).toEqual([undefined, undefined]);
    // Of a caller's own id the place is found; and this is what would have been seen of the other two.
    await command('a-callers-own-id');
    expect(traceparents()[2]).toContain(rootOf('a-callers-own-id')!.traceId);
    await waitFor(() => Promise.resolve(collector.spans.length === 2 || undefined), { what: 'two spans' });
  });
});

describe('request ids', () => {
  const caller = { traceId: TRACE, spanId: '00f067aa0ba902b7', isSampled: true };
  const on = (env: Record<string, string>) => start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });

  it('are of the caller’s trace, each with a root of its own', async () => {
    await start();
    const [one, other] = [newRequestId(caller), newRequestId(caller)];
    expect(rootOf(one)!.traceId).toBe(TRACE);
    expect(rootOf(other)!.traceId).toBe(TRACE);
    expect(rootOf(one)!.spanId).not.toBe(rootOf(other)!.spanId);
  });

  it.each([
    [{}, true, false],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, true, true],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, false, false],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, true, false],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, false, false],
  ])('%j: of a caller who records it %s, of one who does not %s', async (env, ifSampled, ifNot) => {
    await on(env);
    expect(rootOf(newRequestId(caller)) !== undefined).toBe(ifSampled);
    expect(rootOf(newRequestId({ ...caller, isSampled: false })) !== undefined).toBe(ifNot);
  });

  it('a share of traces is the same share everywhere, and about as large as it says', async () => {
    await on({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' });
    const ids = Array.from({ length: 2_000 }, (_, number) => `own-${number}`);
    const first = ids.filter((id) => rootOf(id));
    await stopTracing();
    await on({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' });
    expect(ids.filter((id) => rootOf(id))).toEqual(first);
    expect(first.length).toBeGreaterThan(350);
    expect(first.length).toBeLessThan(650);
  });
});

describe('what a span may say', () => {
  it('is what is allowed, without credentials, and cut', async () => {
    await start();
    const key = `mcpstack_sk_${'a'.repeat(49)}`;
    const place = rootOf('own')!;
    const fields = {
      'mcpstack.command': `planted ${key}`,
      'mcpstack.request_id': 'x'.repeat(1_000),
      body: 'nobody asked',
    } as SpanFields;
    tellSpan({ name: 'spec', kind: 'internal', place, fields, durationMs: 5, failure: 'internal' });
    await waitFor(() => Promise.resolve(collector.of(place.traceId)[0]), { what: 'the span' });
    const span = collector.of(place.traceId)[0]!;
    expect(span.fields).toEqual({
      'mcpstack.command': 'planted mcpstack_sk_[redacted]',
      'mcpstack.request_id': 'x'.repeat(256),
      'error.type': 'internal',
    });
    expect(span).toMatchObject({ spanId: place.spanId, parentSpanId: '', isError: true });
    expect(Number(span.endNs - span.startNs) / 1e6).toBeGreaterThanOrEqual(4);
    // The search that finds no secret elsewhere would find one.
    expect(collector.texts.join()).toContain('planted');
    expect(collector.texts.join()).not.toContain(key);
  });

  it('an error is told by its code, never by its text', async () => {
    await start();
    const parent = rootOf('own');
    const failing = () =>
      Promise.reject(Object.assign(new Error('of anna@example.com'), { code: 'conflict' }));
    await expect(traced('spec', { kind: 'internal', parent }, failing)).rejects.toThrow('anna');
    await stopTracing();
    expect(collector.of(parent!.traceId)[0]).toMatchObject({
      isError: true,
      fields: { 'error.type': 'conflict' },
    });
    expect(collector.texts.join()).not.toContain('anna');
  });
});

describe('a collector in trouble', () => {
  const flood = (spans: number): void => {
    for (let number = 0; number < spans; number += 1)
      tellSpan({ name: 'spec', kind: 'internal', place: rootOf(`own-${number}`), durationMs: 1 });
  };
  const warnings = (): string[] => lines.filter((line) => line.includes('spans of traces are lost'));

  it('that answers 500 costs spans, which are counted and said once', async () => {
    collector.behaviour = 'fail';
    await start();
    flood(3);
    await waitFor(async () => (await count('failed')) === 3 || undefined, { what: 'the failure' });
    flood(2);
    await waitFor(async () => (await count('failed')) === 5 || undefined, { what: 'another one' });
    expect(warnings()).toHaveLength(1);
    collector.behaviour = 'take';
    flood(2);
    await waitFor(async () => (await count('exported')) === 2 || undefined, { what: 'the recovery' });
  });

  it('that hangs, or is away, holds up nobody: what waits is bounded, and the end comes in time', async () => {
    collector.behaviour = 'hang';
    await start();
    flood(MOST_WAITING + 500);
    expect(await count('dropped')).toBe(500);
    expect(await count('exported')).toBe(0);
    await stopTracing();
    expect(warnings()).toHaveLength(1);
    expect(await count('exported')).toBe(0);
  });

  it('what is left at the end is sent before it', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '60000' });
    flood(700);
    expect(collector.spans).toEqual([]);
    await stopTracing();
    expect(collector.spans).toHaveLength(700);
  });
});

it.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, 'OTLP over HTTP'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'gRPC is not spoken'],
  [{ OTEL_TRACES_SAMPLER_ARG: '5' }, 'a share from 0 to 1'],
])('%j is refused in a sentence', (env, says) => {
  expect(() => settings(env)).toThrow(says);
});
