import { specification } from '@mcpstack/testing';
import { ids, keyCreated } from '../../test/key-samples.ts';
import { AGENT_ID, BOT, CREDENTIAL, daysOn, holds, LATER, OWNER, SYSTEM } from '../../test/samples.ts';
import type { RecordSecretSeen, RotateKey } from './commands.ts';
import { key } from './decide.ts';
import type { KeyRotated } from './events.ts';
import { keyExceeds } from './grants.ts';

const { given } = specification(key);
const created = keyCreated();
const NEXT = { digest: 'cd'.repeat(32), pepperVersion: 1 };
const THIRD = { digest: 'ef'.repeat(32), pepperVersion: 1 };
const DAY_MS = 86_400_000;

const rotate: RotateKey = {
  type: 'RotateKey',
  at: daysOn(1),
  actor: OWNER,
  authority: holds('owner'),
  ...ids,
  credential: NEXT,
  previous: { validForMs: DAY_MS },
};
const rotated: KeyRotated = {
  type: 'KeyRotated',
  data: { version: 2, credential: NEXT, previous: { validUntil: daysOn(2) } },
  at: daysOn(1),
  actor: OWNER,
};
const untilSeen: KeyRotated = {
  ...rotated,
  data: { ...rotated.data, previous: { validUntil: daysOn(8), untilNextSeen: true } },
};

describe('RotateKey', () => {
  it('is accepted: the old secret works on for as long as was asked', () => {
    given(created).when(rotate).then(rotated);
    given(created)
      .when({ ...rotate, previous: { untilNextSeen: true } })
      .then(untilSeen);
    given(created)
      .when({ ...rotate, previous: { validForMs: 0 }, hint: 'acme_' })
      .then({
        ...rotated,
        data: { ...rotated.data, hint: 'acme_', previous: { validUntil: '1970-01-01T00:00:00.000Z' } },
      });
  });

  it('without an overlap the old secret is over by a clock that is far behind; control: with one it is not', () => {
    const worksAt = (at: string, validForMs: number) => {
      const events = key.decide({ ...rotate, previous: { validForMs } }, key.evolve(key.initial, created));
      const state = [created, ...events].reduce(key.evolve, key.initial);
      if (state.status === 'none' || state.kind !== 'service') throw new Error('there is no key');
      return Date.parse(state.secrets[0]!.validUntil!) > Date.parse(at);
    };
    const slow = daysOn(0.9);
    expect(worksAt(slow, 0)).toBe(false);
    expect(worksAt(slow, 1)).toBe(true);
  });

  it('repeated with the same secret, does nothing; an older one does not come back', () => {
    given(created, rotated).when(rotate).thenNothing();
    given(created, rotated)
      .when({ ...rotate, credential: CREDENTIAL })
      .thenRefused('conflict');
  });

  it('leaves two secrets at most', () => {
    const again = { ...rotate, at: daysOn(1), credential: THIRD };
    const state = [
      created,
      rotated,
      ...key.decide(again, [created, rotated].reduce(key.evolve, key.initial)),
    ];
    expect(state.reduce(key.evolve, key.initial)).toMatchObject({
      secrets: [
        { version: 2, validUntil: daysOn(2) },
        { version: 3, credential: THIRD },
      ],
    });
  });

  it('is accepted for a suspended key, and refused for one that ended', () => {
    given(created, { type: 'KeySuspended', data: {}, at: LATER, actor: OWNER }).when(rotate).then(rotated);
    given(created, { type: 'KeyRevoked', data: { reason: 'requested' }, at: LATER, actor: OWNER })
      .when(rotate)
      .thenRefused('conflict');
    given(keyCreated({ expiresAt: daysOn(1) }))
      .when(rotate)
      .thenRefused('conflict');
  });

  it('lifts nobody: whoever rotates holds all that the key does (G8)', () => {
    const owners = keyCreated({ role: 'owner' });
    given(owners)
      .when({ ...rotate, authority: holds('admin') })
      .thenRefused('forbidden', { permission: 'organization:write' });
    given(created)
      .when({ ...rotate, actor: BOT, authority: holds('owner', { agents: [AGENT_ID] }) })
      .thenRefused('forbidden');
    given(keyCreated({ scope: { agents: [AGENT_ID] } }))
      .when({ ...rotate, actor: BOT, authority: holds('owner', { agents: [AGENT_ID] }) })
      .then({ ...rotated, actor: BOT });
    given(created)
      .when({ ...rotate, authority: holds('developer') })
      .thenRefused('forbidden', { permission: 'api-keys:write' });
  });

  it.each([-1, 7 * DAY_MS + 1, 0.5, Number.NaN, Infinity])('refuses an overlap of %s ms', (validForMs) =>
    given(created)
      .when({ ...rotate, previous: { validForMs } })
      .thenRefused('validation-failed', { fields: ['previous'] }),
  );
});

describe('RecordSecretSeen', () => {
  const seen: RecordSecretSeen = {
    type: 'RecordSecretSeen',
    at: daysOn(3),
    actor: SYSTEM,
    ...ids,
    version: 2,
  };
  const retired = { type: 'KeySecretRetired', data: { version: 1 }, at: daysOn(3), actor: SYSTEM } as const;

  it('ends the secret that waited for it, once', () => {
    given(created, untilSeen).when(seen).then(retired);
    given(created, untilSeen, retired).when(seen).thenNothing();
  });

  it('does nothing for an older secret, for one that nobody waits for, and after the end', () => {
    given(created, untilSeen)
      .when({ ...seen, version: 1 })
      .thenNothing();
    given(created, rotated).when(seen).thenNothing();
    given(created, untilSeen, { type: 'KeyRevoked', data: { reason: 'requested' }, at: LATER, actor: OWNER })
      .when(seen)
      .thenNothing();
  });

  it('is for the system', () =>
    given(created, untilSeen)
      .when({ ...seen, actor: OWNER })
      .thenRefused('forbidden'));
});

describe('whether a key holds more than its maker', () => {
  it('is told by its permissions', () => {
    expect(keyExceeds({ role: 'admin' }, holds('developer').permissions)).toBe(true);
    expect(keyExceeds({ role: 'admin', permissions: ['servers:read'] }, holds('viewer').permissions)).toBe(
      false,
    );
    expect(keyExceeds({ role: 'viewer' }, holds('viewer').permissions)).toBe(false);
    expect(keyExceeds({ role: 'viewer' }, [])).toBe(true);
  });
});
