/** Two questions that look alike as a text must not have one answer. */
import { makeToken } from '@mcpstack/contracts';
import { identityOf } from './question.ts';

const DIGEST = 'a'.repeat(64);

it('a permission that spells another field is another question than that field', () => {
  const two = identityOf({ digest: DIGEST, permission: 'a:b', origin: 'x' })!;
  const others = ['a:b\norigin:1:x', `${two.fields}`, two.fields.slice(1)];
  for (const permission of others)
    expect(identityOf({ digest: DIGEST, permission })?.fields).not.toBe(two.fields);
});

it('a question that names the key twice has no answer to reuse, in whichever order', () => {
  const key = makeToken('service');
  expect(identityOf({ key, digest: DIGEST })).toBeUndefined();
  expect(identityOf({ digest: DIGEST, key })).toBeUndefined();
});
