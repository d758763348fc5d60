import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { Harness } from '../test/harness.ts';

interface Media {
  schema?: object;
  example?: unknown;
}
interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  'x-permission'?: string;
  parameters?: { name: string; in: string; example?: unknown; description?: string }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

let harness: Harness;
let document: Document;
let text: string;
beforeAll(async () => {
  harness = await Harness.start();
  ({ text } = await harness.call('GET', '/api/openapi.json'));
  document = JSON.parse(text) as Document;
});
afterAll(() => harness.stop());

const operations = (): [name: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): [string, Operation] => [`${method} ${path}`, one]),
  );

/** The names of the operations that this does not hold for. */
const without = (holds: (operation: Operation, name: string) => unknown): string[] =>
  operations()
    .filter(([name, operation]) => !holds(operation, name))
    .map(([name]) => name);

describe('GET /api/openapi.json', () => {
  it('200: OpenAPI 3.1 with every route of the gateway', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations().length).toBeGreaterThan(60);
  });

  it('every operation has a name of its own, a summary, one tag and its credentials', () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(without(({ operationId }) => /^[a-z][A-Za-z]+$/.test(operationId ?? ''))).toEqual([]);
    expect(without(({ summary }) => summary)).toEqual([]);
    expect(without(({ tags }) => tags?.length === 1)).toEqual([]);
    expect(without(({ security }) => Array.isArray(security))).toEqual([]);
    const open = operations().filter(([, { security }]) => security!.length === 0);
    expect(open.map(([name]) => name).sort()).toEqual([
      'post /api/v1/auth/device',
      'post /api/v1/auth/token',
      'post /api/v1/credentials/revoke',
      'post /api/v1/integrations/github/secret-scanning',
    ]);
  });

  it('every operation within an organization names its permission', () => {
    const missing = without((one, name) => one['x-permission'] || !name.includes('{orgId}'));
    expect(missing).toEqual([]);
  });

  it('every operation names its problems, each with an example', () => {
    expect(without(({ responses }) => responses['default'])).toEqual([]);
    for (const status of ['400', '401', '403', '429', '500', '503'])
      expect(without(({ responses }) => responses[status])).toEqual([]);
    expect(without(({ responses }, name) => responses['404'] || !name.includes('{'))).toEqual([]);
    const writes = without(({ responses }, name) => name.startsWith('get') || responses['422']);
    expect(writes).toEqual([]);
    const matched = operations().filter(([, { responses }]) => responses['412']);
    expect(matched.length).toBeGreaterThan(5);
    expect(
      without(({ parameters = [] }) =>
        parameters.every((one) => one.in !== 'path' || (one.example && one.description)),
      ),
    ).toEqual([]);
  });

  it('every body has an example that its own schema takes', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: 'api' });
    const faults: string[] = [];
    let seen = 0;
    const check = (name: string, content: Record<string, Media> = {}): void => {
      for (const { schema, example } of Object.values(content)) {
        // The default answer stands for all problems; each status has its own example.
        if (name.endsWith(' default')) continue;
        seen += 1;
        if (example === undefined) faults.push(`${name}: no example`);
        else if (!compile(ajv, schema!)(example)) faults.push(`${name}: ${JSON.stringify(example)}`);
      }
    };
    for (const [name, { requestBody, responses }] of operations()) {
      check(`${name} body`, requestBody?.content);
      for (const [status, { content }] of Object.entries(responses)) check(`${name} ${status}`, content);
    }
    expect(faults).toEqual([]);
    expect(seen).toBeGreaterThan(500);
  });

  it('points only to schemas that are there', () => {
    const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map((found) => found[1]!);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect(document.components.schemas).toHaveProperty(name);
  });
});

function compile(ajv: Ajv2020, schema: object): ValidateFunction {
  const local = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
  return ajv.compile(JSON.parse(local) as object);
}

describe('the linter', () => {
  it('finds no error', async () => {
    expect(await lint(document)).toEqual([]);
  });

  it('control: it finds a name that is used twice, a tag and a credential that nobody defined', async () => {
    const broken = structuredClone(document);
    const me = broken.paths['/api/v1/me']!['get']!;
    Object.assign(me, { operationId: 'logout', security: [{ nobody: [] }] });
    Reflect.deleteProperty(me, 'summary');
    const found = (await lint(broken)).map((one) => one.split(' ')[0]);
    expect(found.sort()).toEqual(['operation-operationId-unique', 'operation-summary', 'security-defined']);
  });
});

/** The recommended rules; these are off. */
const RULES = {
  // Nobody outside has a license to this.
  'info-license': 'off',
  'info-license-url': 'off',
} as const;

async function lint(subject: Document): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'], rules: RULES });
  const source = JSON.stringify(subject);
  const found = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return found
    .filter(({ severity }) => severity === 'error')
    .map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
}

describe('docs/openapi.json', () => {
  it('is what the gateway serves; if not, run: npm run openapi', () => {
    const kept = readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
    expect(document).toEqual(JSON.parse(kept));
  });

  it('control: a route more would be seen', () => {
    const kept = JSON.parse(
      readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'),
    ) as Document;
    kept.paths['/api/v1/another'] = {};
    expect(document).not.toEqual(kept);
  });
});

describe('GET /api/docs', () => {
  it('200: a page whose scripts and styles are files of this server alone', async () => {
    const { status, headers, text: html } = await harness.call('GET', '/api/docs');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("connect-src 'self'");
    expect(html).not.toMatch(/<script(?! src="\/api\/docs\/)|<style|\s(?:on[a-z]+|style)=|https?:\/\//);
    for (const [, file] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const answer = await harness.call('GET', file!);
      expect(`${file} ${answer.status}`).toBe(`${file} 200`);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await harness.call('GET', '/api/docs/start.js')).text).toContain("url: '/api/openapi.json'");
  });

  it('404: any other file of the package, or beside it', async () => {
    for (const file of ['package.json', 'index.html', '..%2fpackage.json', 'toString', '%2e%2e'])
      expect((await harness.call('GET', `/api/docs/${file}`)).status).toBe(404);
  });
});
