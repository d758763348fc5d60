/** What the OpenAPI document says of every write and of every read that can wait. */
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { POSITION_HEADER } from './position.ts';

const POSITION = { description: 'A place in the event log; opaque.', schema: { type: 'string' } } as const;

/** A route that sends a command: it may carry an Idempotency-Key and answers a log position. */
export function ApiWrite(status: 200 | 201 | 204, description: string, type?: Type): MethodDecorator {
  const location = { Location: { description: 'Where it is now.', schema: { type: 'string' } } } as const;
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random ' +
        'bits, it also lets a retry within 10 minutes read the secret of a reply that was lost.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiResponse({
      status,
      description,
      ...(type && { type }),
      headers: { [POSITION_HEADER]: POSITION, ...(status === 201 && location) },
    }),
  );
}

/** A route that reads: it waits for the position that it is given. */
export function ApiRead(description: string, type: Type): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: POSITION_HEADER,
      required: false,
      description: 'What a write answered: the read shows at least that write, or answers 503 in time.',
      schema: POSITION.schema,
    }),
    ApiResponse({ status: 200, description, type }),
  );
}
