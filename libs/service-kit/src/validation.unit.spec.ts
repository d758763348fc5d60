import 'reflect-metadata';
import { Type, plainToInstance } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsString, Max, ValidateNested, validate } from 'class-validator';
import { VALIDATION, validationProblem } from './validation.ts';

class Limit {
  @IsString()
  name!: string;

  @Max(9)
  @IsInt()
  limit!: number;
}

class Body {
  @IsIn(['admin', 'viewer'])
  role!: string;

  @ValidateNested({ each: true })
  @Type(() => Limit)
  @IsArray()
  limits!: Limit[];
}

const problemOf = async (body: object) =>
  validationProblem(await validate(plainToInstance(Body, body), VALIDATION));

describe('what class-validator finds', () => {
  it.each<[string, object, string, RegExp]>([
    ['a value that is none', { role: 'root', limits: [] }, 'role', /^must be one of/],
    [
      'a field within',
      { role: 'admin', limits: [{ name: 'a', limit: 10 }] },
      'limits.0.limit',
      /^must not be greater than 9$/,
    ],
    [
      'an unknown field',
      { role: 'admin', limits: [], expiresIn: 3600 },
      'expiresIn',
      /^is no field of this request$/,
    ],
    [
      'an unknown field within',
      { role: 'admin', limits: [{ name: 'a', limit: 1, x: 1 }] },
      'limits.0.x',
      /^is no field/,
    ],
  ])('is told as the field and what it must be, the name once: %s', async (_, body, field, message) => {
    const { code, message: detail, errors } = await problemOf(body);
    expect(code).toBe('validation-failed');
    expect(errors).toEqual([{ field, message: expect.stringMatching(message) as string }]);
    expect(detail).toBe(`${field}: ${errors![0]!.message}`);
  });

  it('never shows a value', async () => {
    const { message, errors } = await problemOf({ role: 'mcpstack_sk_value', limits: [] });
    expect(JSON.stringify([message, errors])).not.toContain('mcpstack_sk_value');
  });
});
