/** The rules for names and addresses as class-validator decorators. */
import { emailProblem, nameProblem } from '@mcpstack/contracts';
import { ValidateBy } from 'class-validator';

/** A name as `nameProblem` has it; the message says which rule is broken and never repeats the name. */
export function IsName(): PropertyDecorator {
  return ValidateBy({
    name: 'isName',
    validator: {
      validate: (value) => nameProblem(value) === undefined,
      defaultMessage: (failed) => nameProblem(failed?.value) ?? 'is not a name',
    },
  });
}

/** An address as `emailProblem` has it: the rule of issuance, so that both edges take the same. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: (value) => emailProblem(value) === undefined,
      defaultMessage: (failed) => emailProblem(failed?.value) ?? 'is not an address',
    },
  });
}
