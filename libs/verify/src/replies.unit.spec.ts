import type { VerifyReply } from '@mcpstack/contracts';
import { readReply, shared } from './replies.ts';

const VALID = '"valid":true,"code":"VALID","freshForMs":100,"keyId":"k","orgId":"o","kind":"service"';

it('a shared reply is frozen whole, and nobody may pass it on', () => {
  const given = shared(readReply(JSON.parse(`{${VALID},"scope":{"agents":["a"]}}`)));
  expect(given.freshForMs).toBe(0);
  expect([given, given.scope, given.scope!.agents].every(Object.isFrozen)).toBe(true);
});

it('a reply that is nested very deep throws nothing: who waits for it would wait for ever', () => {
  const deep = `{${VALID},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(shared(JSON.parse(deep) as VerifyReply)).toMatchObject({ valid: true });
});
