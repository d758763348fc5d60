import { specification } from '@mcpstack/testing';
import { createKey, createPublicKey, ids, keyCreated, publicKeyCreated } from '../../test/key-samples.ts';
import {
  AGENT_ID,
  BOT,
  daysOn,
  FOREIGN_ORGANIZATION_ID,
  holds,
  KEY_ID,
  LATER,
  OWNER,
  SYSTEM,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type {
  ChangeKeyState,
  KeyCommand,
  RecordExposure,
  RecordKeyExpiry,
  ReportKeyLeak,
  WithdrawKey,
} from './commands.ts';
import { key } from './decide.ts';
import type { KeyEvent, KeyRevoked } from './events.ts';
import { nextDueAt } from './expiry.ts';
import { EXPIRY_NOTICES, type PublishableKey, type ServiceKey } from './state.ts';

const { given } = specification(key);
const created = keyCreated();
const published = publicKeyCreated();
const by = { at: LATER, actor: OWNER };
const change: Omit<ChangeKeyState, 'type'> = { ...by, ...ids, authority: holds('admin'), kind: 'service' };
const suspend: ChangeKeyState = { type: 'SuspendKey', ...change };
const resume: ChangeKeyState = { type: 'ResumeKey', ...change };
const revoke: ChangeKeyState = { type: 'RevokeKey', ...change };
const suspended: KeyEvent = { type: 'KeySuspended', data: {}, ...by };
const resumed: KeyEvent = { type: 'KeyResumed', data: {}, ...by };
const revoked: KeyRevoked = { type: 'KeyRevoked', data: { reason: 'requested' }, ...by };
const system = { at: LATER, actor: SYSTEM, ...ids };
const withdraw: WithdrawKey = { type: 'WithdrawKey', ...system };
const leak: ReportKeyLeak = { type: 'ReportKeyLeak', ...system, source: 'github' };
const expose: RecordExposure = { type: 'RecordExposure', ...system };
const expire: RecordKeyExpiry = { type: 'RecordKeyExpiry', ...system };
const expiring = keyCreated({ expiresAt: daysOn(60) });
const expired: KeyEvent = {
  type: 'KeyExpired',
  data: { expiresAt: daysOn(60) },
  at: daysOn(60),
  actor: SYSTEM,
};

describe.each([
  ['service', created],
  ['publishable', published],
] as const)('a %s key', (kind, made) => {
  const of = (command: ChangeKeyState): ChangeKeyState => ({ ...command, kind });

  it('is suspended, resumed, revoked; each once', () => {
    given(made).when(of(suspend)).then(suspended);
    given(made, suspended).when(of(suspend)).thenNothing();
    given(made, suspended).when(of(resume)).then(resumed);
    given(made).when(of(resume)).thenNothing();
    for (const before of [[made], [made, suspended], [made, suspended, resumed]])
      given(...before)
        .when(of(revoke))
        .then(revoked);
    given(made, revoked).when(of(revoke)).thenNothing();
  });

  it('that is revoked stays so', () => {
    given(made, revoked).when(of(suspend)).thenRefused('conflict');
    given(made, revoked).when(of(resume)).thenRefused('conflict');
    const state = [made, revoked, { ...revoked, at: daysOn(9) }, suspended, resumed].reduce(
      key.evolve,
      key.initial,
    );
    expect(state).toMatchObject({ status: 'revoked', revokedAt: LATER, revocationReason: 'requested' });
  });

  it('needs api-keys:write', () => {
    for (const command of [suspend, resume, revoke])
      given(made)
        .when({ ...of(command), authority: holds('developer') })
        .thenRefused('forbidden', { permission: 'api-keys:write' });
  });

  it('is not found as one of the other kind', () => {
    const kindOther = kind === 'service' ? 'publishable' : 'service';
    for (const command of [suspend, resume, revoke])
      given(made)
        .when({ ...command, kind: kindOther })
        .thenRefused('not-found');
  });
});

describe('an expired key', () => {
  it('refuses all but its revocation, recorded or not', () => {
    for (const before of [[expiring, expired], [expiring]]) {
      for (const command of [suspend, resume])
        given(...before)
          .when({ ...command, at: daysOn(60) })
          .thenRefused('conflict');
      given(...before)
        .when({ ...revoke, at: daysOn(60) })
        .then({ ...revoked, at: daysOn(60) });
    }
  });
});

describe('ResumeKey', () => {
  it('gives nobody more than they hold (G8); revoking and suspending ask for no more than the permission', () => {
    const owners = [keyCreated({ role: 'owner' }), suspended];
    given(...owners)
      .when(resume)
      .thenRefused('forbidden', { permission: 'organization:write' });
    given(...owners)
      .when(revoke)
      .then(revoked);
  });
});

describe('RevokeKey', () => {
  it('of itself needs no permission', () => {
    const own = { ...revoke, actor: { type: 'key', id: KEY_ID } as const, authority: undefined };
    const ended = { ...revoked, data: { reason: 'ended-by-holder' }, actor: own.actor } as const;
    given(created).when(own).then(ended);
    given(created, ended).when(own).thenNothing();
    given(created)
      .when({ ...own, organizationId: FOREIGN_ORGANIZATION_ID })
      .thenRefused('not-found');
    // Control: of another key it does.
    given(created)
      .when({ ...own, actor: BOT })
      .thenRefused('not-found');
    given(created)
      .when({ ...own, actor: { type: 'user', id: KEY_ID } })
      .thenRefused('not-found');
  });
});

describe('WithdrawKey', () => {
  const withdrawn: KeyRevoked = { ...revoked, data: { reason: 'maker-lost-rights' }, actor: SYSTEM };

  it('is accepted, once, and leaves a revocation as it was', () => {
    given(created).when(withdraw).then(withdrawn);
    given(created, withdrawn).when(withdraw).thenNothing();
    given(created, revoked).when(withdraw).thenNothing();
  });
  it('is refused when there is no such key', () =>
    given().when(withdraw).thenRefused('not-found', { message: notFound().message }));
});

describe('ReportKeyLeak', () => {
  const reported: KeyRevoked = {
    ...revoked,
    data: { reason: 'reported-leak', source: 'github' },
    actor: SYSTEM,
  };

  it('revokes, and says who found it; once', () => {
    given(created).when(leak).then(reported);
    given(created, reported).when(leak).thenNothing();
    given(created)
      .when({ ...leak, source: 'holder' })
      .then({ ...reported, data: { reason: 'ended-by-holder' } });
  });
  it('never ends a publishable key', () => given(published).when(leak).thenNothing());
});

describe('RecordExposure', () => {
  const exposed: KeyEvent = { type: 'KeyExposed', data: {}, at: LATER, actor: SYSTEM };
  const next: KeyEvent = {
    type: 'KeyRotated',
    data: {
      version: 2,
      credential: { digest: 'cd'.repeat(32), pepperVersion: 1 },
      previous: { validUntil: daysOn(0.5) },
    },
    at: daysOn(0.5),
    actor: OWNER,
  };

  it('is written once a day at most, and anew for a new secret', () => {
    given(created).when(expose).then(exposed);
    given(created, exposed)
      .when({ ...expose, at: daysOn(1) })
      .thenNothing();
    given(created, exposed)
      .when({ ...expose, at: daysOn(2) })
      .then({ ...exposed, at: daysOn(2) });
    given(created, exposed, next)
      .when({ ...expose, at: daysOn(0.6) })
      .then({ ...exposed, at: daysOn(0.6) });
  });
  it('does nothing to publishable and ended keys', () => {
    given(published).when(expose).thenNothing();
    given(created, revoked).when(expose).thenNothing();
  });
});

describe('RecordKeyExpiry', () => {
  const notice = (daysBefore: 30 | 7 | 1, at: string): KeyEvent => ({
    type: 'KeyExpiring',
    data: { expiresAt: daysOn(60), daysBefore },
    at,
    actor: SYSTEM,
  });

  it('announces 30, 7 and 1 days before, and the end; each once', () => {
    const so: KeyEvent[] = [expiring];
    for (const [day, event] of [
      [30, notice(30, daysOn(30))],
      [53, notice(7, daysOn(53))],
      [59, notice(1, daysOn(59))],
      [60, expired],
    ] as const) {
      given(...so)
        .when({ ...expire, at: daysOn(day - 0.001) })
        .thenNothing();
      given(...so)
        .when({ ...expire, at: daysOn(day) })
        .then(event);
      so.push(event);
    }
    given(...so)
      .when({ ...expire, at: daysOn(99) })
      .thenNothing();
  });

  it('writes what is overdue in order, and no notice after the end', () => {
    given(expiring)
      .when({ ...expire, at: daysOn(59.5) })
      .then(notice(30, daysOn(59.5)), notice(7, daysOn(59.5)), notice(1, daysOn(59.5)));
    given(expiring)
      .when({ ...expire, at: daysOn(61) })
      .then({ ...expired, at: daysOn(61) });
  });

  it('leaves out notices from before the key was made; an earlier expiry is announced anew', () => {
    given(keyCreated({ expiresAt: daysOn(5) }))
      .when({ ...expire, at: daysOn(4.5) })
      .then({
        type: 'KeyExpiring',
        data: { expiresAt: daysOn(5), daysBefore: 1 },
        at: daysOn(4.5),
        actor: SYSTEM,
      });
    given(expiring, notice(30, daysOn(30)), {
      type: 'KeyNarrowed',
      data: { expiresAt: daysOn(50) },
      at: daysOn(31),
      actor: OWNER,
    })
      .when({ ...expire, at: daysOn(43) })
      .then(
        ...(([30, 7] as const).map((daysBefore) => ({
          ...notice(daysBefore, daysOn(43)),
          data: { expiresAt: daysOn(50), daysBefore },
        })) as KeyEvent[]),
      );
  });

  it('does nothing to keys that never expire or have ended, and is for publishable ones too', () => {
    given(created)
      .when({ ...expire, at: daysOn(9_000) })
      .thenNothing();
    given(expiring, revoked)
      .when({ ...expire, at: daysOn(99) })
      .thenNothing();
    given(publicKeyCreated({ expiresAt: daysOn(60) }), suspended)
      .when({ ...expire, at: daysOn(60) })
      .then(expired);
  });

  it('is due at exactly the times that nextDueAt tells', () => {
    for (const life of [0.5, 1, 5, 7, 12, 30, 45]) {
      for (const made of [
        keyCreated({ expiresAt: daysOn(life) }),
        publicKeyCreated({ expiresAt: daysOn(life) }),
      ]) {
        let state = key.evolve(key.initial, made);
        let times = 0;
        for (let due = nextDue(state); due !== undefined; due = nextDue(state)) {
          const before = new Date(Date.parse(due) - 1).toISOString();
          expect(key.decide({ ...expire, at: before }, state)).toEqual([]);
          const events = key.decide({ ...expire, at: due }, state);
          expect(events).toHaveLength(1);
          state = events.reduce(key.evolve, state);
          times += 1;
        }
        expect(times).toBe(1 + EXPIRY_NOTICES.filter((days) => days <= life).length);
      }
    }
    expect(nextDue(key.evolve(key.initial, created))).toBeUndefined();
  });
});

function nextDue(state: ReturnType<typeof key.evolve>) {
  return nextDueAt(state as ServiceKey | PublishableKey);
}

describe('commands of the system', () => {
  it.each<KeyCommand>([withdraw, leak, expose, expire])('$type is refused to everybody else', (command) => {
    for (const actor of [OWNER, BOT])
      given(created)
        .when({ ...command, actor })
        .thenRefused('forbidden');
  });
});

describe('a foreign key, an unknown key and no membership (G8)', () => {
  const hidden = { message: notFound().message };
  const authorized = { ...by, ...ids, authority: holds('owner') };
  const agent = createPublicKey.agent;
  const commands: KeyCommand[] = [
    suspend,
    resume,
    revoke,
    { type: 'UpdateKey', ...authorized, name: 'ci' },
    {
      type: 'RotateKey',
      ...authorized,
      credential: createKey.credential,
      previous: { validForMs: 0 },
    },
    { type: 'UpdatePublicKey', ...authorized, name: 'ci' },
    {
      type: 'AddTemporaryOrigin',
      ...authorized,
      origin: 'https://a.example.com',
      expiresAt: daysOn(1),
      agent,
    },
  ];
  it.each(commands)('look the same to $type', (command) => {
    for (const made of [created, published]) {
      given().when(command).thenRefused('not-found', hidden);
      for (const other of [
        { organizationId: FOREIGN_ORGANIZATION_ID },
        { keyId: 'key_2' },
        { authority: undefined },
      ])
        given(made)
          .when({ ...command, ...other })
          .thenRefused('not-found', hidden);
      const few = { ...command, authority: holds('viewer') } as KeyCommand;
      given().when(few).thenRefused('forbidden', { permission: 'api-keys:write' });
      given(made).when(few).thenRefused('forbidden', { permission: 'api-keys:write' });
    }
  });

  it('and to a key whose agents are others', () => {
    const scoped = { authority: holds('owner', { agents: ['agent_2'] }), actor: BOT };
    const wide = { authority: holds('owner', { agents: [AGENT_ID] }), actor: BOT };
    const mine = { ...revoke, kind: 'publishable' } as const;
    given(published)
      .when({ ...mine, ...scoped })
      .thenRefused('not-found', hidden);
    given(published)
      .when({ ...mine, ...wide })
      .then({ ...revoked, actor: BOT });
  });
});
