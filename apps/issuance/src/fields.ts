/** Kinds of field that commands on several aggregates have. */
import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, MaxLength, ValidateBy, ValidateIf } from 'class-validator';
import { z } from 'zod';

const LONGEST_TIME = 64;
// Knows the calendar (30 February is none) and wants an offset, without which a time is a guess.
const ISO_TIME = z.iso.datetime({ offset: true });

/** A time, ISO 8601 with its offset. */
export function IsTime(): PropertyDecorator {
  return ValidateBy({
    name: 'isTime',
    validator: {
      validate: (value) =>
        typeof value === 'string' && value.length <= LONGEST_TIME && ISO_TIME.safeParse(value).success,
      defaultMessage: () => 'must be a date and time such as 2027-01-31T12:00:00Z, with its offset',
    },
  });
}

/** An e-mail address, as far as its shape tells: whether mail arrives is told by sending one. RFC 5321: 254. */
export function IsEmailAddress(): PropertyDecorator {
  const message = 'must be an address such as ada@example.com';
  return applyDecorators(
    Matches(/^[^\p{Control}\p{Surrogate}@]+@[^\p{Control}\p{Surrogate}@]+$/u, { message }),
    MaxLength(254, { message: 'must have at most 254 characters' }),
    IsString({ message }),
  );
}

/** Absent, or an empty text, which removes; else as the other decorators say. */
export function UnlessEmpty(): PropertyDecorator {
  return ValidateIf((_body, value) => value !== undefined && value !== '');
}
