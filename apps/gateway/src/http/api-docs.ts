/**
 * What the OpenAPI document says of every write and of every read that can wait. The answers for problems are
 * added to all operations in one place, `openapi.ts`.
 */
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { ComparesIfMatch } from './etag.ts';
import { POSITION_HEADER } from './position.ts';

const POSITION = { description: 'A place in the event log; opaque.', schema: { type: 'string' } } as const;
const LOCATION = { description: 'Where it is now.', schema: { type: 'string' } } as const;
const ETAG = {
  description: 'The revision of what is answered. Send it back as `If-Match` to change only this.',
  schema: { type: 'string', example: '"7"' },
} as const;

/**
 * The name and the sentence of an operation. Clients are made with methods of this name: it stays as it is.
 * @param security only where it is not what the access rule says: the credential of a web page, a signature.
 */
export function Operation(
  operationId: string,
  summary: string,
  { description, security }: { description?: string; security?: Record<string, string[]>[] } = {},
): MethodDecorator {
  return ApiOperation({
    operationId,
    summary,
    ...(description !== undefined && { description }),
    ...(security && { security }),
  });
}

export interface WriteDocs {
  /** `false` for what sends no command, and is the same however often it is done. */
  idempotencyKey?: boolean;
  /** Answers an ETag. */
  etag?: boolean;
  /** Reads If-Match. */
  ifMatch?: boolean;
}

/** A route that changes something: it may carry an Idempotency-Key and answers a log position. */
export function ApiWrite(
  status: 200 | 201 | 204,
  description: string,
  type?: Type,
  { idempotencyKey = true, etag = false, ifMatch = false }: WriteDocs = {},
): MethodDecorator {
  return applyDecorators(
    ...(idempotencyKey ? [IDEMPOTENCY_KEY] : []),
    ...(ifMatch ? [IF_MATCH, ComparesIfMatch()] : []),
    ApiResponse({
      status,
      description,
      ...(type && { type }),
      headers: {
        [POSITION_HEADER]: POSITION,
        ...(status === 201 && { Location: LOCATION }),
        ...(etag && { ETag: ETAG }),
      },
    }),
  );
}

const IDEMPOTENCY_KEY = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description:
    'Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random ' +
    'bits, it also lets a retry within 10 minutes read the secret of a reply that was lost.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const IF_MATCH = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'An ETag: the change is made only if the resource is still of this revision, else 412.',
  schema: { type: 'string', pattern: '^(\\*|"[0-9]+")$' },
});

/** A route that reads: it waits for the position that it is given. */
export function ApiRead(description: string, type: Type, { etag = false } = {}): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: POSITION_HEADER,
      required: false,
      description: 'What a write answered: the read shows at least that write, or answers 503 in time.',
      schema: POSITION.schema,
    }),
    ApiResponse({ status: 200, description, type, ...(etag && { headers: { ETag: ETAG } }) }),
  );
}
