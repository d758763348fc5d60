import { specification } from '@mcpstack/testing';
import {
  agentAfter,
  createPublicKey as create,
  domainVerified,
  ids,
  publicKeyCreated,
} from '../../test/key-samples.ts';
import {
  AGENT_ID,
  AT,
  BOT,
  daysOn,
  DOMAIN_ID,
  FOREIGN_ORGANIZATION_ID,
  holds,
  LATER,
  OWNER,
  SYSTEM,
} from '../../test/samples.ts';
import type { AgentEvent } from '../agent/events.ts';
import { notFound } from '../refusals.ts';
import type { AddTemporaryOrigin, UpdatePublicKey } from './commands.ts';
import { key } from './decide.ts';
import type { KeyEvent } from './events.ts';

const { given } = specification(key);
const APP = 'https://app.example.com';
const SHOP = 'https://shop.example.com';
const created = publicKeyCreated();
const by = { at: LATER, actor: OWNER };
const hidden = { message: notFound().message };
const stale: AgentEvent = {
  type: 'AgentDomainStale',
  data: { domainId: DOMAIN_ID, graceEndsAt: daysOn(7) },
  at: AT,
  actor: SYSTEM,
};
const removed: AgentEvent = { type: 'AgentRemoved', data: {}, at: AT, actor: OWNER };
const origins = (...list: string[]) => list.map((origin) => ({ origin }));

describe('CreatePublicKey', () => {
  it('is accepted; origins are stored as browsers send them', () => {
    given().when(create).then(created);
    given()
      .when({
        ...create,
        origins: [{ origin: 'HTTPS://Shop.Example.com:443' }, { origin: APP, expiresAt: daysOn(3) }],
        expiresAt: daysOn(90),
      })
      .then(
        publicKeyCreated({
          origins: [{ origin: SHOP }, { origin: APP, expiresAt: daysOn(3) }],
          expiresAt: daysOn(90),
        }),
      );
  });

  it('repeated, does nothing; another key with the id is refused', () => {
    given(created)
      .when({ ...create, at: LATER, value: 'mcpstack_pk_other' })
      .thenNothing();
    given(created)
      .when({ ...create, development: true })
      .thenRefused('conflict');
    given(created)
      .when({ ...create, organizationId: FOREIGN_ORGANIZATION_ID })
      .thenRefused('conflict');
  });

  it('is refused without permission', () => {
    given()
      .when({ ...create, authority: holds('developer') })
      .thenRefused('forbidden', { permission: 'api-keys:write' });
    given()
      .when({ ...create, authority: undefined })
      .thenRefused('not-found', hidden);
  });

  it('is for an agent in force of the organization, within the scope', () => {
    for (const change of [
      { agent: { status: 'none' } as const },
      { agent: agentAfter(domainVerified, removed) },
      { organizationId: FOREIGN_ORGANIZATION_ID },
      { agentId: 'agent_2' },
      { actor: BOT, authority: holds('owner', { agents: ['agent_2'] }) },
    ])
      given()
        .when({ ...create, ...change })
        .thenRefused('not-found', hidden);
    given()
      .when({ ...create, actor: BOT, authority: holds('owner', { agents: [AGENT_ID] }) })
      .then({ ...created, actor: BOT });
  });

  it.each<[string, readonly AgentEvent[], string, boolean]>([
    ['verified', [domainVerified], AT, true],
    ['pending', [], AT, false],
    ['stale', [domainVerified, stale], daysOn(6.9), true],
    ['stale, its grace over', [domainVerified, stale], daysOn(7), false],
    [
      'lapsed',
      [domainVerified, { type: 'AgentDomainLapsed', data: { domainId: DOMAIN_ID }, at: AT, actor: SYSTEM }],
      AT,
      false,
    ],
    [
      'contested',
      [
        domainVerified,
        {
          type: 'AgentDomainContested',
          data: { domainId: DOMAIN_ID, challenge: 'x' },
          at: AT,
          actor: SYSTEM,
        },
      ],
      AT,
      false,
    ],
    [
      'removed',
      [domainVerified, { type: 'AgentDomainRemoved', data: { domainId: DOMAIN_ID }, at: AT, actor: OWNER }],
      AT,
      false,
    ],
  ])('with a domain that is %s', (_what, events, at, isAccepted) => {
    const { when } = given();
    const then = when({ ...create, at, agent: agentAfter(...events) });
    if (isAccepted) then.then({ ...created, at });
    else then.thenRefused('validation-failed', { fields: ['origins.0'] });
  });

  it.each([
    ['http', 'http://app.example.com'],
    ['a path', 'http://app.example.com/'],
    ['a slash at the end', 'https://app.example.com/'],
    ['a trailing dot', 'https://app.example.com.'],
    ['another domain', 'https://app.example.org'],
    ['a name that only ends alike', 'https://badexample.com'],
    ['a public suffix', 'https://com'],
    ['localhost', 'http://localhost:3000'],
    ['null', 'null'],
  ])('refuses %s', (_what, origin) =>
    given()
      .when({ ...create, origins: origins(APP, origin) })
      .thenRefused('validation-failed', { fields: ['origins.1'] }),
  );

  it('allows localhost on a key that is made for development', () =>
    given()
      .when({ ...create, development: true, origins: origins('http://localhost:3000', APP) })
      .then(publicKeyCreated({ development: true, origins: origins('http://localhost:3000', APP) })));

  it('refuses none, too many, one twice, and times that have come', () => {
    const fields = (list: typeof create.origins, ...names: string[]) =>
      given()
        .when({ ...create, origins: list })
        .thenRefused('validation-failed', { fields: names });
    fields([], 'origins');
    fields(Array<{ origin: string }>(51).fill({ origin: APP }), 'origins');
    fields(origins(APP, 'https://APP.example.com:443'), 'origins.1');
    fields([{ origin: APP, expiresAt: AT }], 'origins.0.expiresAt');
    given()
      .when({ ...create, expiresAt: '2027-02-30T00:00:00Z' })
      .thenRefused('validation-failed', { fields: ['expiresAt'] });
  });
});

describe('UpdatePublicKey', () => {
  const update: UpdatePublicKey = { type: 'UpdatePublicKey', ...by, ...ids, authority: holds('admin') };
  const two = publicKeyCreated({ origins: origins(APP, SHOP) });

  it('renames and takes origins away, in one decision', () =>
    given(two)
      .when({ ...update, name: 'page', origins: [SHOP] })
      .then(
        { type: 'KeyRenamed', data: { name: 'page' }, ...by },
        { type: 'PublicKeyOriginRemoved', data: { origin: APP }, ...by },
      ));

  it('with nothing new does nothing', () => {
    given(two).when(update).thenNothing();
    given(two)
      .when({ ...update, name: 'shop page', origins: [SHOP, APP] })
      .thenNothing();
  });

  it('never adds one, nor takes all', () => {
    given(created)
      .when({ ...update, origins: [APP, SHOP] })
      .thenRefused('validation-failed', { fields: ['origins.1'] });
    given(created)
      .when({ ...update, origins: [] })
      .thenRefused('validation-failed', { fields: ['origins'] });
  });

  it('is refused for a revoked key', () =>
    given(created, { type: 'KeyRevoked', data: { reason: 'requested' }, ...by })
      .when({ ...update, name: 'page' })
      .thenRefused('conflict'));
});

describe('AddTemporaryOrigin', () => {
  const add: AddTemporaryOrigin = {
    type: 'AddTemporaryOrigin',
    at: AT,
    actor: OWNER,
    ...ids,
    authority: holds('admin'),
    origin: SHOP,
    expiresAt: daysOn(7),
    agent: create.agent,
  };
  const added = (expiresAt: string, at = AT): KeyEvent => ({
    type: 'PublicKeyOriginAdded',
    data: { origin: SHOP, expiresAt },
    at,
    actor: OWNER,
  });
  const gone = (origin: string, at: string): KeyEvent => ({
    type: 'PublicKeyOriginRemoved',
    data: { origin },
    at,
    actor: OWNER,
  });

  it('is accepted, once; an origin that is there for ever stays so', () => {
    given(created)
      .when(add)
      .then(added(daysOn(7)));
    given(created)
      .when({ ...add, origin: APP })
      .thenNothing();
  });

  it('again takes the place of the one before, and what is over goes', () => {
    given(created, added(daysOn(7)))
      .when({ ...add, expiresAt: daysOn(6) })
      .then(gone(SHOP, AT), added(daysOn(6)));
    const at = daysOn(2);
    given(publicKeyCreated({ origins: [{ origin: APP, expiresAt: daysOn(1) }] }))
      .when({ ...add, at })
      .then(gone(APP, at), added(daysOn(7), at));
  });

  it('lasts 7 days at most, and lies under a verified domain', () => {
    given(created)
      .when({ ...add, expiresAt: daysOn(7.001) })
      .thenRefused('validation-failed', { fields: ['expiresAt'] });
    given(created)
      .when({ ...add, expiresAt: AT })
      .thenRefused('validation-failed', { fields: ['expiresAt'] });
    for (const origin of ['https://example.org', 'http://localhost:3000', 'https://shop.example.com/'])
      given(created)
        .when({ ...add, origin })
        .thenRefused('validation-failed', { fields: ['origin'] });
    given(created)
      .when({ ...add, agent: agentAfter() })
      .thenRefused('validation-failed', { fields: ['origin'] });
    given(created)
      .when({ ...add, agent: agentAfter(domainVerified, removed) })
      .thenRefused('not-found', hidden);
  });

  it('is refused for the 51st origin, and for a key that ended', () => {
    const many = Array.from({ length: 50 }, (_, index) => `https://a${index}.example.com`);
    given(publicKeyCreated({ origins: origins(...many) }))
      .when(add)
      .thenRefused('conflict');
    given(publicKeyCreated({ expiresAt: AT }))
      .when(add)
      .thenRefused('conflict');
  });
});
