/** What the OpenAPI document says of every write. */
import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

/** A route that sends a command: it may carry an Idempotency-Key and answers a log position. */
export function ApiWrite(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random ' +
        'bits, it also lets a retry within 10 minutes read the secret of a reply that was lost.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
  );
}
