/** What every command carries, checked again here whatever the gateway checked. */
import {
  isId,
  nameProblem,
  ProblemError,
  type Actor,
  type CommandEnvelope,
  type IdKind,
} from '@mcpstack/contracts';
import { applyDecorators } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsObject,
  IsString,
  Length,
  Matches,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/** An identifier of this kind; with `each`, a list of them. */
export function IsIdOf(kind: IdKind, options: { each?: true } = {}): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isIdOf',
      validator: {
        validate: (value) => isId(kind, value),
        defaultMessage: () => `must be the id of a ${kind}`,
      },
    },
    options,
  );
}

/** A name that people gave. */
export function IsName(): PropertyDecorator {
  return ValidateBy({
    name: 'isName',
    validator: {
      validate: (value) => nameProblem(value) === undefined,
      defaultMessage: (found) => nameProblem(found?.value) ?? '',
    },
  });
}

/** Absent, or valid. Unlike class-validator's IsOptional it does not take `null`, which would then mean "all". */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_body, value) => value !== undefined);
}

/** The revision of a resource that the caller has seen, decimal. */
export function IsRevision(): PropertyDecorator {
  return Matches(/^(0|[1-9]\d{0,15})$/, { message: 'must be the revision that an answer showed' });
}

/** One object of this class; `ValidateNested` alone would take a list of them as well. */
export function Nested(type: () => new () => object): PropertyDecorator {
  return applyDecorators(IsObject({ message: 'must be an object' }), ValidateNested(), Type(type));
}

export class ActorBody implements Actor {
  @IsIn(['user', 'key', 'system'])
  type!: Actor['type'];

  @Matches(/^[0-9A-Za-z_-]{1,100}$/, { message: 'must be an identifier' })
  id!: string;
}

/** CommandEnvelope without its input, which each command adds. What arrives is what the CommandBus carries. */
export abstract class Envelope<Output>
  extends Command<Output>
  implements Omit<CommandEnvelope<never>, 'input'>
{
  // Lower case only: identifiers derive from the text, and one command must have one spelling.
  @Matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { message: 'must be a UUID in lower case' })
  commandId!: string;

  @Matches(/^[!-~]{1,128}$/, { message: 'must be 1 to 128 visible ASCII characters' })
  requestId!: string;

  @Nested(() => ActorBody)
  actor!: ActorBody;

  @Matches(/^[0-9a-f]{64}$/, { message: 'must be a SHA-256 in hexadecimal' })
  requestDigest!: string;

  @MayBeAbsent()
  @IsString()
  @Length(1, 255)
  idempotencyKey?: string;
}

/** An input as plain data: a body's class gives every field that was left out the value `undefined`. */
export function plain<Input>(input: Input): Input {
  return JSON.parse(JSON.stringify(input)) as Input;
}

/**
 * Passes the system alone: our own services, on what they have seen themselves. Nobody reaches such a command over
 * HTTP.
 * @throws ProblemError `forbidden` for people and keys.
 */
export function requireSystem({ actor }: { actor: Actor }): void {
  if (actor.type !== 'system') throw new ProblemError('forbidden', 'Only the service itself does this.');
}
