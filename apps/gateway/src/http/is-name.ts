/** The rule for names as a class-validator decorator. */
import { nameProblem } from '@mcpstack/contracts';
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
