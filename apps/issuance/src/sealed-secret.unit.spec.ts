import { randomBytes, randomUUID } from 'node:crypto';
import { isStrong, openSecret, sealSecret, type Seal } from './sealed-secret.ts';

const seal: Seal = {
  idempotencyKey: 'q7Zt0-LxVb3nS_9dKfPw2R',
  commandId: '5f0c2a9e-1f44-8c1b-8a54-0d8f2c6b9e11',
  actor: { type: 'user', id: 'user_1' },
  credentialDigest: 'ab'.repeat(32),
};
const SECRET = 'mcpstack_sk_what-is-sealed';

describe('a sealed secret (G2)', () => {
  it('opens for the same caller, and never looks the same twice', () => {
    const sealed = sealSecret(SECRET, seal);
    expect(openSecret(sealed, seal)).toBe(SECRET);
    expect(sealSecret(SECRET, seal)).not.toEqual(sealed);
    expect(sealed.toString('latin1')).not.toContain('what-is-sealed');
  });

  it.each<[string, Partial<Seal>]>([
    ['Idempotency-Key', { idempotencyKey: 'q7Zt0-LxVb3nS_9dKfPw2S' }],
    ['command', { commandId: '5f0c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12' }],
    ['actor', { actor: { type: 'user', id: 'user_2' } }],
    ['kind of actor', { actor: { type: 'key', id: 'user_1' } }],
    ['credential', { credentialDigest: 'cd'.repeat(32) }],
  ])('stays shut for another %s', (_what, other) => {
    expect(openSecret(sealSecret(SECRET, seal), { ...seal, ...other })).toBeUndefined();
  });

  it('stays shut when any byte was changed or the end is missing', () => {
    const sealed = sealSecret(SECRET, seal);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(openSecret(changed, seal)).toBeUndefined();
      expect(openSecret(sealed.subarray(0, at), seal)).toBeUndefined();
    }
  });
});

describe('what Idempotency-Key is strong enough to seal under', () => {
  it.each([
    randomUUID(),
    randomUUID().toUpperCase(),
    randomBytes(16).toString('hex'),
    'q7Zt0-LxVb3nS_9dKfPw2R',
    '3141592653589793238462643383279502884197',
  ])('%s is', (key) => expect(isStrong(key)).toBe(true));

  it.each([
    undefined,
    '',
    'retry-1',
    'q7Zt0LxVb3nS_9dKfPw2R',
    '0123456789abcdef012345',
    '31415926535897932384626433832795028841',
    'a'.repeat(64),
    'abcabcabcabcabcabcabcabcabcabc',
    'order number 12345678901234567890',
  ])('%s is not', (key) => expect(isStrong(key)).toBe(false));
});
