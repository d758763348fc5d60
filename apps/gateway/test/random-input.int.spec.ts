import { isRole, nameProblem, newId, type IdKind } from '@mcpstack/contracts';
import fc from 'fast-check';
import { Harness, type Answer } from './harness.ts';

let harness: Harness;
let token: string;
beforeAll(async () => {
  harness = await Harness.start();
  token = await harness.login();
  // The webhooks service knows none of the webhooks that are made up here.
  harness.webhooks.replies = { replay: { problem: 'not-found' } };
});
afterAll(() => harness.stop());

const RUNS = { numRuns: 300 };

interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { example: unknown }> } }>>;
}

/** Something well spelled for a parameter of a path. */
function idFor(parameter: string): string {
  if (parameter === 'orgId') return harness.organizationId;
  return newId(parameter.slice(0, -'Id'.length) as IdKind);
}

/** Every answer is a success or a problem that names a fault of the caller. */
function expectAnswered({ status, headers, problem }: Answer): void {
  expect(status).toBeLessThan(500);
  if (status < 400) return;
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(problem.status).toBe(status);
}

const anyName = fc.oneof(fc.string({ unit: 'binary', maxLength: 120 }), fc.constantFrom('ok', 'a\ud800', ''));
const anyRole = fc.constantFrom<unknown>('viewer', 'owner', 'root', 7, null, ['viewer'], '__proto__');
const anyKey = fc.record(
  {
    name: fc.oneof(anyName, fc.jsonValue()),
    role: anyRole,
    permissions: fc.oneof(fc.constant(['servers:read']), fc.jsonValue()),
    extra: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe('random input', () => {
  it('a body reaches issuance only if it is a key that may be asked for; nothing else is a 5xx', async () => {
    let sent = 0;
    const body = fc.oneof(anyKey, fc.record({ name: anyName, role: anyRole }), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(body, async (json) => {
        const before = harness.issuance.commands.length;
        const answer = await harness.call('POST', harness.keysPath, { token, json });
        expectAnswered(answer);
        const commands = harness.issuance.commands.slice(before);
        expect(commands).toHaveLength(answer.status === 201 ? 1 : 0);
        sent += commands.length;
        for (const { envelope } of commands) {
          expect(nameProblem(envelope.input['name'])).toBeUndefined();
          expect(isRole(envelope.input['role'])).toBe(true);
          expect(envelope.input['name']).toBe((json as { name: string }).name);
        }
      }),
      RUNS,
    );
    // Control: some of it was good, so the check above has looked at something.
    expect(sent).toBeGreaterThan(5);
  });

  it('any JSON, at every route that reads a body', async () => {
    const document = (await harness.call('GET', '/api/openapi.json')).body as unknown as Document;
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { requestBody }]) => requestBody)
        .map(([method, { requestBody }]) => ({
          method: method.toUpperCase(),
          path: path.replace(/\{(\w+)\}/g, (_, name: string) => idFor(name)),
          example: requestBody!.content['application/json']!.example as Record<string, unknown>,
        })),
    );
    expect(routes.length).toBeGreaterThan(18);
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.jsonValue(),
        fc.jsonValue(),
        fc.nat(),
        async ({ method, path, example }, whole, part, at) => {
          const fields = Object.keys(example);
          const mutated = { ...example, [fields[at % fields.length] ?? 'x']: part };
          for (const json of [whole, mutated, example]) {
            const answer = await harness.call(method, path, { token, json });
            expectAnswered(answer);
            statuses.add(answer.status);
          }
        },
      ),
      { numRuns: 200 },
    );
    // Control: the examples of the document are taken, so what was refused was refused for its content.
    expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 400]));
  });

  it('bytes instead of JSON', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const headers = ['Content-Type', 'application/json'];
        const answer = await harness.call('POST', harness.keysPath, {
          token,
          raw: Buffer.from(raw),
          headers,
        });
        expectAnswered(answer);
        expect(answer.status).toBe(400);
      }),
      RUNS,
    );
  });

  it('addresses, methods and headers', async () => {
    const visible = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    });
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE');
    const start = fc.constantFrom(
      '/',
      '/api/v1/',
      '/api/v1/organizations/',
      `${harness.keysPath}/`,
      `${harness.keysPath}?`,
    );
    const name = fc.constantFrom(
      'Mcpstack-Position',
      'X-Request-Id',
      'Idempotency-Key',
      'X-API-Key',
      'Accept',
    );
    await fc.assert(
      fc.asyncProperty(method, start, visible, name, visible, async (verb, path, rest, header, value) => {
        const headers = [header, value];
        expectAnswered(await harness.call(verb, `${path}${rest}`, { token, headers }));
      }),
      RUNS,
    );
  });
});
