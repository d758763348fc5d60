/** The shape of commands on keys at the NATS edge: what is refused, and which field is named for it. */
import { newId, type ProblemError } from '@mcpstack/contracts';
import { validationPipe } from '@mcpstack/service-kit';
import { RecordUsageCommand } from '../usage/commands.ts';
import {
  AddTemporaryOriginCommand,
  CreateKeyCommand,
  CreatePublicKeyCommand,
  ImportKeysCommand,
  RevokeKeyCommand,
  RevokeKeysCommand,
  RotateKeyCommand,
  UpdateKeyCommand,
  UpdatePublicKeyCommand,
} from './commands.ts';
import { RecordSecretSeenCommand, ReportCredentialsCommand } from './system-commands.ts';

type CommandClass = new () => object;
const DIGEST = 'ab'.repeat(32);
const [organizationId, keyId, agentId] = [newId('organization'), newId('key'), newId('agent')];
const texts = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_value, index) => text(index));

/** The fields that are named, without `input.`; nothing when it passes. */
async function wrong(command: CommandClass, input: unknown): Promise<string[]> {
  const envelope = {
    commandId: '5f0c2a9e-1f44-8c1b-8a54-0d8f2c6b9e11',
    requestId: 'req',
    actor: { type: 'user', id: 'user_1' },
    requestDigest: DIGEST,
    input,
  };
  try {
    // As it comes off the wire.
    const value: unknown = JSON.parse(JSON.stringify(envelope));
    await validationPipe().transform(value, { type: 'body', metatype: command });
    return [];
  } catch (error) {
    const { code, errors = [] } = error as ProblemError;
    expect(code).toBe('validation-failed');
    for (const { message } of errors) expect(message).not.toMatch(/undefined|\[object/);
    return errors.map(({ field }) => field.replace(/^input\./, ''));
  }
}

const create = { organizationId, name: 'bot', role: 'developer' };
const update = { organizationId, keyId };
const publishable = { organizationId, agentId, name: 'w', origins: [{ origin: 'https://a.example.com' }] };
const limit = { name: 'burst', limit: 1, windowMs: 1_000 };
const quota = { name: 'monthly', limit: 1, interval: 'month' };
const batch = { source: '0123456789abcdef', number: 1 };
const usage = {
  organizationId,
  keyId,
  from: '2026-01-02T03:04:00Z',
  to: '2026-01-02T03:04:10Z',
  count: 1,
  lastUsedAt: '2026-01-02T03:04:09Z',
};

describe('passes', () => {
  it.each<[string, CommandClass, object]>([
    ['createKey with no more than it needs', CreateKeyCommand, create],
    [
      'createKey with everything, each at its bound',
      CreateKeyCommand,
      {
        ...create,
        permissions: [],
        scope: { agents: texts(50, () => newId('agent')), servers: [newId('server')] },
        expiresAt: '2027-01-31T12:00:00+01:00',
        allowedIps: texts(64, (n) => `10.0.0.${n}`),
        tags: texts(20, (n) => `a${n}${'.'.repeat(60)}`),
        environment: 'a'.repeat(32),
        limits: texts(10, (n) => `l${n}`).map((name) => ({
          ...limit,
          name,
          limit: 1e9,
          windowMs: 86_400_000,
        })),
        quotas: texts(10, (n) => `q${n}`).map((name) => ({ ...quota, name })),
        digest: DIGEST,
      },
    ],
    ['updateKey that names nothing', UpdateKeyCommand, update],
    ['updateKey with a revision', UpdateKeyCommand, { ...update, name: 'x', ifRevision: '0' }],
    ['rotateKey', RotateKeyCommand, { ...update, previous: { validForMs: 604_800_000 } }],
    ['rotateKey until seen', RotateKeyCommand, { ...update, previous: { untilNextSeen: true } }],
    ['1,000 lines, whatever they are', ImportKeysCommand, { organizationId, keys: texts(1_000, String) }],
    ['1,000 keys', RevokeKeysCommand, { organizationId, keyIds: texts(1_000, () => newId('key')) }],
    ['createPublicKey', CreatePublicKeyCommand, { ...publishable, development: true }],
    ['updatePublicKey', UpdatePublicKeyCommand, { ...update, origins: ['https://a.example.com'] }],
    ['recordUsage', RecordUsageCommand, { ...batch, windows: [usage] }],
  ])('%s', async (_what, command, input) => expect(await wrong(command, input)).toEqual([]));
});

describe('is refused, naming the field', () => {
  it.each<[string, object]>([
    ['role', { role: 'emperor' }],
    ['permissions', { permissions: ['servers:read', 'servers:read'] }],
    ['permissions', { permissions: null }],
    ['scope', { scope: {} }],
    ['scope', { scope: [] }],
    ['scope.agents', { scope: { agents: [] } }],
    ['scope.agents', { scope: { agents: texts(51, () => newId('agent')) } }],
    ['scope.agents', { scope: { agents: [newId('server')] } }],
    ['scope.servers', { scope: { servers: 'all' } }],
    ['scope.domains', { scope: { agents: [agentId], domains: [] } }],
    ['expiresAt', { expiresAt: '2027-02-30T00:00:00Z' }],
    ['expiresAt', { expiresAt: '2027-01-31' }],
    ['expiresAt', { expiresAt: Number.MAX_VALUE }],
    ['expiresAt', { expiresAt: 1_800_000_000 }],
    ['allowedIps', { allowedIps: [] }],
    ['allowedIps', { allowedIps: texts(65, (n) => `10.0.0.${n}`) }],
    ['allowedIps', { allowedIps: [7] }],
    ['allowedIps', { allowedIps: ['1'.repeat(65)] }],
    ['tags', { tags: texts(21, (n) => `t${n}`) }],
    ['tags', { tags: ['Upper'] }],
    ['tags', { tags: ['x'.repeat(65)] }],
    ['tags', { tags: [''] }],
    ['tags', { tags: ['a', 'a'] }],
    ['environment', { environment: '-prod' }],
    ['environment', { environment: 'x'.repeat(33) }],
    ['limits', { limits: texts(11, (n) => `l${n}`).map((name) => ({ ...limit, name })) }],
    ['limits', { limits: [limit, limit] }],
    ['limits', { limits: ['burst'] }],
    ['limits', { limits: [[limit]] }],
    ['limits.0.limit', { limits: [{ ...limit, limit: 0 }] }],
    ['limits.0.limit', { limits: [{ ...limit, limit: -0 }] }],
    ['limits.0.limit', { limits: [{ ...limit, limit: 1.5 }] }],
    ['limits.0.limit', { limits: [{ ...limit, limit: 1_000_000_001 }] }],
    ['limits.0.windowMs', { limits: [{ ...limit, windowMs: 999 }] }],
    ['limits.0.windowMs', { limits: [{ ...limit, windowMs: 86_400_001 }] }],
    ['limits.0.name', { limits: [{ ...limit, name: 'Burst' }] }],
    ['limits.0.extra', { limits: [{ ...limit, extra: 1 }] }],
    ['quotas.0.interval', { quotas: [{ ...quota, interval: 'year' }] }],
    ['digest', { digest: DIGEST.toUpperCase() }],
    ['digest', { digest: `${DIGEST}0` }],
    ['hint', { hint: 'acme_' }],
  ])('createKey: %s', async (field, changes) =>
    expect(await wrong(CreateKeyCommand, { ...create, ...changes })).toEqual([field]),
  );

  it.each<[string, CommandClass, object]>([
    ['ifRevision', UpdateKeyCommand, { ...update, ifRevision: '01' }],
    ['ifRevision', UpdateKeyCommand, { ...update, ifRevision: 1 }],
    ['ifRevision', UpdatePublicKeyCommand, { ...update, ifRevision: '-1' }],
    ['name', UpdateKeyCommand, { ...update, name: null }],
    ['previous', RotateKeyCommand, update],
    ['previous', RotateKeyCommand, { ...update, previous: {} }],
    ['previous', RotateKeyCommand, { ...update, previous: { validForMs: -1 } }],
    ['previous', RotateKeyCommand, { ...update, previous: { validForMs: 604_800_001 } }],
    ['previous', RotateKeyCommand, { ...update, previous: { validForMs: 0.5 } }],
    ['previous', RotateKeyCommand, { ...update, previous: { validForMs: 1, untilNextSeen: true } }],
    ['previous', RotateKeyCommand, { ...update, previous: { untilNextSeen: false } }],
    ['previous', RotateKeyCommand, { ...update, previous: 'now' }],
    ['kind', RevokeKeyCommand, update],
    ['kind', RevokeKeyCommand, { ...update, kind: 'secret' }],
    ['keys', ImportKeysCommand, { organizationId, keys: [] }],
    ['keys', ImportKeysCommand, { organizationId, keys: { length: 1 } }],
    ['keyIds', RevokeKeysCommand, { organizationId, keyIds: [] }],
    ['keyIds', RevokeKeysCommand, { organizationId, keyIds: [keyId, keyId] }],
    ['keyIds', RevokeKeysCommand, { organizationId, keyIds: texts(1_001, () => newId('key')) }],
    ['origins', CreatePublicKeyCommand, { ...publishable, origins: [] }],
    ['origins', CreatePublicKeyCommand, { ...publishable, origins: ['https://a.example.com'] }],
    [
      'origins',
      CreatePublicKeyCommand,
      { ...publishable, origins: texts(51, String).map((origin) => ({ origin })) },
    ],
    ['origins.0.origin', CreatePublicKeyCommand, { ...publishable, origins: [{ origin: '' }] }],
    ['development', CreatePublicKeyCommand, { ...publishable, development: 'yes' }],
    ['origins', UpdatePublicKeyCommand, { ...update, origins: ['a', 'a'] }],
    ['expiresAt', AddTemporaryOriginCommand, { ...update, origin: 'https://a.example.com' }],
    ['credentials', ReportCredentialsCommand, { credentials: [], source: 'holder' }],
    ['credentials', ReportCredentialsCommand, { credentials: ['x'], source: 'holder' }],
    ['source', ReportCredentialsCommand, { credentials: [{ ...update, digest: DIGEST }], source: 'me' }],
    ['version', RecordSecretSeenCommand, { ...update, version: 0 }],
    ['windows.0.count', RecordUsageCommand, { ...batch, windows: [{ ...usage, count: 0 }] }],
    ['windows.0.count', RecordUsageCommand, { ...batch, windows: [{ ...usage, count: 1e300 }] }],
    ['source', RecordUsageCommand, { ...batch, source: 'short', windows: [usage] }],
    ['number', RecordUsageCommand, { ...batch, number: 0, windows: [usage] }],
    [
      'windows.0.lastUsedFrom.addressPrefix',
      RecordUsageCommand,
      { ...batch, windows: [{ ...usage, lastUsedFrom: { addressPrefix: '203.0.113.7/32' } }] },
    ],
    ['windows.0.from', RecordUsageCommand, { ...batch, windows: [{ ...usage, from: 'yesterday' }] }],
    ['windows', RecordUsageCommand, { ...batch, windows: [] }],
  ])('%s of %p', async (field, command, input) => expect(await wrong(command, input)).toEqual([field]));
});
