/** The OpenAPI document, made from the routes and their classes, at `/api/openapi.json`. */
import { PROBLEMS } from '@mcpstack/contracts';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';

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

export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('MCPStack Keys')
    .setDescription('Issues, checks and revokes API keys and service accounts.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', description: 'A session token or a service key.' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A service key.' }, 'apiKey')
    .addSecurityRequirements({ bearer: [] })
    .addSecurityRequirements({ apiKey: [] })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: PROBLEM_SCHEMA };
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations as Record<string, { responses?: object }>)) {
      if (operation.responses) Object.assign(operation.responses, { default: PROBLEM_RESPONSE });
    }
  }
  return document;
}

const PROBLEM_RESPONSE = {
  description: 'A problem (RFC 9457).',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Serves the document. It is made once, before the first request. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const body = JSON.stringify(openApiDocument(app));
  app
    .getHttpAdapter()
    .getInstance()
    .get('/api/openapi.json', (_request, reply) => reply.type('application/json').send(body));
}
