/** Validation at an edge: class-validator's findings as problems that name the field. */
import { ProblemError, type FieldError } from '@mcpstack/contracts';
import { ValidationPipe, type ValidationError } from '@nestjs/common';

const MAX_FIELD_ERRORS = 20;

/** The findings as a flat list; a field is a JSON path such as `permissions.0`. Values are never shown. */
export function fieldErrors(errors: readonly ValidationError[], prefix = ''): FieldError[] {
  return errors
    .flatMap((error) => {
      const field = prefix ? `${prefix}.${error.property}` : error.property;
      const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
      return [...own, ...fieldErrors(error.children ?? [], field)];
    })
    .slice(0, MAX_FIELD_ERRORS);
}

/** Unknown fields and wrong types are refused, and no value is shown. */
export const VALIDATION = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
} as const;

/** Refuses unknown fields and wrong types, converts nothing, and answers `validation-failed`. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({ ...VALIDATION, transform: true, exceptionFactory: validationProblem });
}

/** What class-validator found, as the one problem that is answered. */
export function validationProblem(errors: readonly ValidationError[]): ProblemError {
  const found = fieldErrors(errors);
  return new ProblemError('validation-failed', sentenceOf(found[0]), { errors: found });
}

/** Some of class-validator's messages begin with the field's name already. */
function sentenceOf(first: FieldError | undefined): string {
  if (!first) return 'The body is not valid.';
  const { field, message } = first;
  return message.startsWith(field) ? message : `${field}: ${message}`;
}
