/** What bodies and queries of several routes share: decorators for optional fields, times and texts. */
import { isId, ProblemError, type IdKind } from '@mcpstack/contracts';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';

/** Optional means absent: `null` is a value, and none of our fields takes it. */
export const IsGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * A time as RFC 3339 writes it, with its offset, in the one form that is stored: ISO 8601, UTC, milliseconds.
 * `undefined` for everything else: no offset, 30 February, 24:00, a leap second.
 */
export function isoTime(value: unknown): string | undefined {
  const parts = typeof value === 'string' && value.length <= 40 ? ISO_TIME.exec(value) : null;
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have rolls over into the next one.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const time = Date.parse((value as string).replace(/(\.\d{3})\d+/, '$1'));
  if (Number.isNaN(time)) return undefined;
  const text = new Date(time).toISOString();
  return /^\d{4}-/.test(text) ? text : undefined;
}

/** A real time with its offset; the handler sees it in UTC. */
export function IsIsoTime(): PropertyDecorator {
  const check = ValidateBy({
    name: 'isIsoTime',
    validator: {
      validate: (value) => isoTime(value) !== undefined,
      defaultMessage: () => 'must be a time such as 2030-01-31T12:00:00Z, on a day that exists',
    },
  });
  const normalise = Transform(({ value }: { value: unknown }) => isoTime(value) ?? value);
  return (target, property) => {
    normalise(target, property);
    check(target, property);
  };
}

/** The spelling of an identifier of this kind; whether it exists is asked elsewhere. */
export function IsIdOf(kind: IdKind): PropertyDecorator {
  return ValidateBy({
    name: 'isIdOf',
    validator: {
      validate: (value) => isId(kind, value),
      defaultMessage: () => `must be the id of ${/^[aeio]/.test(kind) ? 'an' : 'a'} ${kind}`,
    },
  });
}

/** The body of a PATCH that changes nothing is a mistake, and told as one. */
export function refuseEmpty(body: object): void {
  if (Object.values(body).every((value) => value === undefined))
    throw new ProblemError('validation-failed', 'The body names nothing to change.');
}
