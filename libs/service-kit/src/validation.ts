/** Validation at an edge: class-validator's findings as problems that name the field. */
import { ProblemError, type FieldError } from '@mcpstack/contracts';
import { ValidationPipe, type ValidationError } from '@nestjs/common';

const MAX_FIELD_ERRORS = 20;

/** The findings as a flat list; a field is a JSON path such as `permissions.0`. Values are never shown. */
export function fieldErrors(errors: readonly ValidationError[], prefix = ''): FieldError[] {
  return errors
    .flatMap((error) => {
      const field = prefix ? `${prefix}.${error.property}` : error.property;
      const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
        field,
        message:
          rule === 'whitelistValidation'
            ? 'is no field of this request'
            : withoutName(error.property, message),
      }));
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

function sentenceOf(first: FieldError | undefined): string {
  return first ? `${first.field}: ${first.message}` : 'The body is not valid.';
}

/** Most of class-validator's messages begin with the field's name, ours do not; the field is named beside it. */
function withoutName(property: string, message: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
