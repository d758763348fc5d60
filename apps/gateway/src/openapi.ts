/**
 * The OpenAPI document, made from the routes and their classes, at `/api/openapi.json`. What is the same for all
 * operations (problems, credentials, examples) is added here, in one place.
 */
import { PROBLEMS, problemType, type ProblemCode } from '@mcpstack/contracts';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SESSION_COOKIE } from './auth/session-cookie.ts';
import { exampleOf, type Schema } from './openapi-examples.ts';

const TAGS: Readonly<Record<string, string>> = {
  auth: 'Log in and out, and let devices in.',
  me: 'Who the caller is, and where they are logged in.',
  permissions: 'The one table of roles and permissions.',
  organizations: 'Organizations, and what they demand of keys.',
  members: 'People in an organization.',
  invitations: 'Asking people to become members.',
  agents: 'What publishable keys are for.',
  domains: 'Domains of agents, and their proof.',
  servers: 'What service keys can be limited to.',
  'api-keys': 'Service keys: secrets, tied to a role.',
  'public-keys': 'Publishable keys: visible, tied to one agent and to exact origins.',
  webhooks: 'Where audit events are sent to, signed.',
  leaks: 'Ending keys that are no secret any more.',
  embed: 'What web pages call, with a publishable key.',
};

const PARAMETERS: Readonly<Record<string, { description: string; example: string }>> = {
  orgId: { description: 'Of the organization.', example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' },
  userId: { description: 'Of the member.', example: 'user_1b3D5f7H9j1L3n5P7r9T1v' },
  invitationId: { description: 'Of the invitation.', example: 'inv_2c4E6g8I0k2M4o6Q8s0U2w' },
  agentId: { description: 'Of the agent.', example: 'agent_3d5F7h9J1l3N5p7R9t1V3x' },
  domainId: { description: 'Of the domain.', example: 'dom_6g8I0k2M4o6Q8s0U2w4Y6a' },
  serverId: { description: 'Of the server.', example: 'srv_5f7H9j1L3n5P7r9T1v3X5z' },
  sessionId: { description: 'Of the session.', example: 'ses_7h9J1l3N5p7R9t1V3x5Z7b' },
  webhookId: { description: 'Of the webhook.', example: 'whk_8i0K2m4O6q8S0u2W4y6A8c' },
  keyId: { description: 'Of the key.', example: 'key_0aB3dE5gH7jK9mN1pQ3sT5' },
};

/** Problems that one operation alone answers; all others are everybody's. */
const OF_ONE_OPERATION: Partial<Record<ProblemCode, string>> = {
  'authorization-pending': 'getToken',
  'slow-down': 'getToken',
  'authorization-denied': 'getToken',
  'grant-expired': 'getToken',
};

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    detail: { type: 'string' },
    requestId: { type: 'string' },
    permission: { type: 'string', description: 'With `forbidden`: what is missing.' },
    rule: { type: 'string', description: "With `policy-violation`: the rule of the organization's policy." },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** Of an operation, what we read and complete. */
interface Operation {
  operationId?: string;
  tags?: string[];
  parameters?: { name: string; in: string; description?: string; example?: unknown; schema?: Schema }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
  security?: Record<string, string[]>[];
  'x-access'?: string;
}
interface Media {
  schema?: Schema;
  example?: unknown;
}

export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('MCPStack Keys')
    .setDescription('Issues, checks and revokes API keys and service accounts.')
    .setVersion('1')
    .addServer('/', 'This gateway.')
    .addBearerAuth({ type: 'http', description: 'A session token or a service key.' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A service key.' }, 'apiKey')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A publishable key.' },
      'publishableKey',
    )
    .addCookieAuth(
      SESSION_COOKIE,
      {
        type: 'apiKey',
        in: 'cookie',
        name: SESSION_COOKIE,
        description:
          'A session of a browser. Over https its name begins with `__Host-`. A change with it must come from a ' +
          'page of this site.',
      },
      'cookie',
    )
    .addSecurityRequirements({ bearer: [] })
    .addSecurityRequirements({ apiKey: [] })
    .addSecurityRequirements({ cookie: [] });
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build());
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: PROBLEM_SCHEMA };
  const schemas = document.components.schemas as Record<string, Schema>;
  const used = new Set<string>();
  for (const operations of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(operations as unknown as Record<string, Operation>)) {
      complete(method, operation, schemas);
      for (const tag of operation.tags ?? []) used.add(tag);
    }
  }
  // In the order of the paths, not of the controllers: a moved class is no other document.
  document.paths = sorted(document.paths);
  document.components.schemas = sorted(document.components.schemas);
  document.tags = (document.tags ?? []).filter(({ name }) => used.has(name));
  return document;
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function complete(method: string, operation: Operation, schemas: Record<string, Schema>): void {
  operation.security ??= securityOf(operation['x-access']);
  delete operation['x-access'];
  for (const parameter of operation.parameters ?? []) Object.assign(parameter, PARAMETERS[parameter.name]);
  const answers = Object.values(operation.responses).flatMap(({ content }) => Object.values(content ?? {}));
  for (const media of [...answers, ...Object.values(operation.requestBody?.content ?? {})])
    if (media.schema && media.example === undefined) media.example = exampleOf(media.schema, schemas);
  // After the examples: a problem has one of its own.
  for (const status of problemStatuses(method, operation)) {
    operation.responses[status] ??= problemResponse(status, operation.operationId);
  }
  operation.responses['default'] ??= {
    description: 'A problem (RFC 9457).',
    content: { 'application/problem+json': { schema: PROBLEM_REF } },
  };
}

/** People log in, keys do not; a route for both takes either. */
function securityOf(access: string | undefined): Record<string, string[]>[] {
  switch (access) {
    case 'public':
      return [];
    case 'people':
      return [{ bearer: [] }, { cookie: [] }];
    default:
      return [{ bearer: [] }, { apiKey: [] }, { cookie: [] }];
  }
}

/** Which problems an operation may answer, by what it reads. */
function problemStatuses(method: string, { parameters = [], requestBody }: Operation): readonly number[] {
  const writes = method !== 'get';
  const has = (name: string): boolean => parameters.some((one) => one.name === name);
  return [
    ...[400, 401, 403, 429, 500, 503],
    ...(parameters.some((one) => one.in === 'path') || writes ? [404] : []),
    ...(writes ? [409, 415, 422] : []),
    ...(has('If-Match') ? [412] : []),
    ...(requestBody ? [413] : []),
  ].sort();
}

const PROBLEM_REF = { $ref: '#/components/schemas/Problem' };

/** What a status may mean: one problem as example, all of their codes by name. */
function problemResponse(status: number, operationId?: string): Operation['responses'][string] {
  const codes = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => {
    const only = OF_ONE_OPERATION[code];
    return PROBLEMS[code].status === status && (only === undefined || only === operationId);
  });
  const [code] = codes as [ProblemCode];
  const { title } = PROBLEMS[code];
  const example = { type: problemType(code), title, status, code, detail: `${title}.`, requestId: 'req-1' };
  return {
    description: codes.map((one) => `\`${one}\`: ${PROBLEMS[one].title}.`).join(' '),
    content: { 'application/problem+json': { schema: PROBLEM_REF, example } },
  };
}

/** Serves the document. It is made once, before the first request. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const body = JSON.stringify(openApiDocument(app));
  app
    .getHttpAdapter()
    .getInstance()
    .get('/api/openapi.json', (_request, reply) => reply.type('application/json').send(body));
}
