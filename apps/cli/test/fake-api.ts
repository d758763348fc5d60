/** A server that answers as the OpenAPI document says, and remembers what it was asked; one for each spec. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

interface Parameter {
  name: string;
  in: string;
}
interface RawOperation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, { example?: unknown }> }>;
}
interface Operation {
  id: string;
  method: string;
  shape: RegExp;
  /** Of ids in its path: `bulk-revoke` is found before a key that may have that name. */
  places: number;
  parameters: readonly Parameter[];
  bodyAt: string | undefined;
  status: number;
  example: unknown;
}

/** One request, and the operation of the document that it is. */
export interface Asked {
  operationId: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: unknown;
}
export type Answering = (asked: Asked) => {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
};

const DOCUMENT = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'openapi.json'), 'utf8'),
) as { paths: Record<string, Record<string, RawOperation>> };
const OPERATIONS = Object.entries(DOCUMENT.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => operationOf(path, method, raw)),
  )
  .sort((one, other) => one.places - other.places);
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ ...DOCUMENT, $id: 'api' });

/** Every operation that the document has. */
export const operationIds = (): string[] => OPERATIONS.map(({ id }) => id);

export class FakeApi {
  readonly asked: Asked[] = [];
  /** What was asked against the document. */
  readonly offences: string[] = [];
  readonly #answers = new Map<string, Answering>();
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  reset(): void {
    this.asked.length = 0;
    this.offences.length = 0;
    this.#answers.clear();
  }

  /** Instead of the example of the document. */
  on(operationId: string, answering: Answering): void {
    if (!operationIds().includes(operationId)) throw new Error(`The document has no ${operationId}.`);
    this.#answers.set(operationId, answering);
  }

  /** What it was asked last by this name. */
  last(operationId: string): Asked | undefined {
    return this.asked.findLast((one) => one.operationId === operationId);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const operation = OPERATIONS.find(
      ({ method, shape }) => method === request.method && shape.test(pathname),
    );
    if (!operation) {
      this.offences.push(`no operation: ${request.method} ${pathname}`);
      return void response.writeHead(404).end();
    }
    const asked: Asked = {
      operationId: operation.id,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    this.asked.push(asked);
    this.offences.push(...offencesOf(operation, asked));
    const given = this.#answers.get(operation.id)?.(asked) ?? {};
    const { status = operation.status, body = operation.example, headers = {} } = given;
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(status === 204 || body === undefined ? undefined : JSON.stringify(body));
  }
}

/** `application/problem+json`, as the API words it. */
export const problem = (status: number, code: string, detail: string, more: object = {}) => ({
  status,
  body: { type: `urn:mcpstack:problem:${code}`, title: code, status, code, detail, ...more },
});

function operationOf(path: string, method: string, raw: RawOperation): Operation {
  const shape = path.replaceAll(/\{\w+\}/g, '[^/]+');
  const [status, response] = Object.entries(raw.responses).find(([code]) => code.startsWith('2'))!;
  const isJson = raw.requestBody?.content['application/json'] !== undefined;
  const pointer = [path, method, 'requestBody', 'content', 'application/json', 'schema']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    shape: new RegExp(`^${shape}$`),
    places: path.split('{').length - 1,
    parameters: raw.parameters ?? [],
    bodyAt: isJson ? `api#/paths/${pointer}` : undefined,
    status: Number(status),
    example: Object.values(response.content ?? {})[0]?.example,
  };
}

function offencesOf({ id, parameters, bodyAt }: Operation, { query, body }: Asked): string[] {
  const known = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const offences = Object.keys(query)
    .filter((name) => !known.includes(name))
    .map((name) => `${id}: no query ${name}`);
  if (body === undefined) return offences;
  if (bodyAt === undefined) return [...offences, `${id}: takes no body`];
  const validate = ajv.getSchema(bodyAt) ?? ajv.compile({ $ref: bodyAt });
  if (validate(body)) return offences;
  return [
    ...offences,
    ...(validate.errors ?? []).map((error) => `${id}: ${error.instancePath} ${error.message}`),
  ];
}
