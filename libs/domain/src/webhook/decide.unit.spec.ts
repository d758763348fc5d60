import { specification } from '@mcpstack/testing';
import {
  AT,
  BOT,
  FOREIGN_ORGANIZATION_ID,
  holds,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type { CreateWebhook, DisableWebhook, UpdateWebhook, WebhookCommand } from './commands.ts';
import { webhook } from './decide.ts';
import type { WebhookEvent } from './events.ts';

const { given } = specification(webhook);
const WEBHOOK_ID = 'whk_0000000000000000000001';
const ids = { organizationId: ORGANIZATION_ID, webhookId: WEBHOOK_ID };
const authorized = { at: LATER, actor: OWNER, authority: holds('admin'), ...ids };
const by = { at: LATER, actor: OWNER };
const hidden = { message: notFound().message };
const URL_ = 'https://siem.example.com/hooks/1?a=b';
const DAY_MS = 86_400_000;

const created: WebhookEvent = {
  type: 'WebhookCreated',
  data: { ...ids, url: URL_, secret: { version: 1, keyVersion: 3 } },
  at: AT,
  actor: OWNER,
};
const disabled: WebhookEvent = { type: 'WebhookDisabled', data: { reason: 'requested' }, ...by };
const enabled: WebhookEvent = { type: 'WebhookEnabled', data: {}, ...by };
const removed: WebhookEvent = { type: 'WebhookRemoved', data: {}, ...by };

const create: CreateWebhook = { type: 'CreateWebhook', ...authorized, at: AT, url: URL_, keyVersion: 3 };
const update: UpdateWebhook = { type: 'UpdateWebhook', ...authorized };
const rotate = { type: 'RotateWebhookSecret', ...authorized, keyVersion: 4 } as const;
const disable: DisableWebhook = { type: 'DisableWebhook', ...authorized, reason: 'requested' };
const enable = { type: 'EnableWebhook', ...authorized } as const;
const remove = { type: 'RemoveWebhook', ...authorized } as const;
const withdraw = { type: 'WithdrawWebhook', ...authorized, actor: SYSTEM } as const;
const TELLING: readonly WebhookCommand[] = [
  create,
  { ...update, url: 'https://other.example.com' },
  { ...rotate, previous: { validForMs: 0 } },
  enable,
];
const STOPPING: readonly WebhookCommand[] = [disable, remove];

describe('webhooks', () => {
  it('are created once; which types, each once and in one order', () => {
    given().when(create).then(created);
    given(created).when(create).thenNothing();
    given(created)
      .when({ ...create, url: 'https://other.example.com' })
      .thenRefused('conflict');
    given()
      .when({ ...create, name: 'siem', eventTypes: ['KeyRevoked', 'KeyExpiring', 'KeyRevoked'] })
      .then({
        ...created,
        data: { ...created.data, name: 'siem', eventTypes: ['KeyExpiring', 'KeyRevoked'] },
      });
    given()
      .when({ ...create, eventTypes: ['*'] })
      .then(created);
  });

  it('are changed by an event for each thing, and by none for what is so already', () => {
    given(created)
      .when({ ...update, name: 'a', url: 'https://b.example.com', eventTypes: ['KeyRevoked'] })
      .then(
        { type: 'WebhookRenamed', data: { name: 'a' }, ...by },
        { type: 'WebhookUrlChanged', data: { url: 'https://b.example.com' }, ...by },
        { type: 'WebhookEventTypesChanged', data: { eventTypes: ['KeyRevoked'] }, ...by },
      );
    given(created)
      .when({ ...update, url: URL_, eventTypes: ['*'] })
      .thenNothing();
    const narrowed: WebhookEvent = {
      type: 'WebhookEventTypesChanged',
      data: { eventTypes: ['KeyRevoked'] },
      ...by,
    };
    given(created, narrowed)
      .when({ ...update, eventTypes: ['*'] })
      .then({ type: 'WebhookEventTypesChanged', data: {}, ...by });
    given(created, removed)
      .when({ ...update, name: 'a' })
      .thenRefused('conflict');
  });

  it('get a new secret; the one before signs too for so long, an older one no more', () => {
    const state = [created, { ...rotate, previous: { validForMs: DAY_MS } }] as const;
    const [first] = webhook.decide(state[1], webhook.evolve(webhook.initial, created));
    const previousValidUntil = new Date(Date.parse(LATER) + DAY_MS).toISOString();
    expect(first).toEqual({
      type: 'WebhookSecretRotated',
      data: { version: 2, keyVersion: 4, previousValidUntil },
      ...by,
    });
    const folded = [created, first!, first!].reduce(webhook.evolve, webhook.initial);
    expect(folded).toMatchObject({
      secrets: [
        { keyVersion: 4, validUntil: previousValidUntil },
        { version: 2, keyVersion: 4 },
      ],
    });
    for (const validForMs of [-1, 7 * DAY_MS + 1, 0.5, Number.NaN])
      given(created)
        .when({ ...rotate, previous: { validForMs } })
        .thenRefused('validation-failed', { fields: ['previous'] });
  });

  it('are disabled and enabled, each once; what was seen at delivering, the system alone says', () => {
    given(created).when(disable).then(disabled);
    given(created, disabled).when(disable).thenNothing();
    given(created).when(enable).thenNothing();
    given(created, disabled).when(enable).then(enabled);
    const failing = { ...disable, reason: 'failing', since: AT } as const;
    given(created).when(failing).thenRefused('forbidden');
    given(created)
      .when({ ...failing, actor: SYSTEM, authority: undefined })
      .then({ type: 'WebhookDisabled', data: { reason: 'failing', since: AT }, at: LATER, actor: SYSTEM });
    const state = [created, { ...disabled, data: { reason: 'failing', since: AT } }].reduce(
      webhook.evolve,
      webhook.initial,
    );
    expect(state).toMatchObject({ status: 'disabled', disabledReason: 'failing', failingSince: AT });
    expect(webhook.evolve(state, enabled)).not.toHaveProperty('failingSince');
    given(created, removed).when(enable).thenRefused('conflict');
  });

  it('are removed once; by the system too, when their maker lost the rights', () => {
    given(created).when(remove).then(removed);
    given(created, removed).when(remove).thenNothing();
    given(created)
      .when(withdraw)
      .then({ ...removed, actor: SYSTEM });
    given(created)
      .when({ ...withdraw, actor: OWNER })
      .thenRefused('forbidden');
  });

  it.each([...TELLING, ...STOPPING])(
    '$type needs webhooks:write; foreign and unknown ones look the same (G8)',
    (command) => {
      const state = command.type === 'EnableWebhook' ? [created, disabled] : [created];
      given(...state)
        .when({ ...command, authority: holds('developer') })
        .thenRefused('forbidden', { permission: 'webhooks:write' });
      given(...state)
        .when({ ...command, authority: undefined })
        .thenRefused('not-found', hidden);
      given(...state)
        .when({ ...command, actor: BOT, authority: holds('owner', { servers: [] }) })
        .thenRefused('forbidden');
      if (command.type === 'CreateWebhook') return;
      given().when(command).thenRefused('not-found', hidden);
      for (const other of [{ organizationId: FOREIGN_ORGANIZATION_ID }, { webhookId: 'whk_2' }])
        given(...state)
          .when({ ...command, ...other })
          .thenRefused('not-found', hidden);
    },
  );

  it('to say where events go takes the right to read them; to stop does not (G8)', () => {
    const authority = { permissions: ['webhooks:write'] as const };
    const state = [created, disabled];
    for (const command of TELLING)
      given(...state)
        .when({ ...command, authority })
        .thenRefused('forbidden', { permission: 'audit:read' });
    given(created)
      .when({ ...disable, authority })
      .then(disabled);
    given(created)
      .when({ ...remove, authority })
      .then(removed);
  });

  it.each<[string, Pick<Partial<CreateWebhook>, 'name' | 'url' | 'eventTypes'>, string]>([
    ['no type', { eventTypes: [] }, 'eventTypes'],
    ['a type that is none', { eventTypes: ['KeyRevoked', 'KeyUsed'] }, 'eventTypes.1'],
    ['all and one more', { eventTypes: ['*', 'KeyRevoked'] }, 'eventTypes.0'],
    ['an empty name', { name: '' }, 'name'],
    ['plain http', { url: 'http://siem.example.com' }, 'url'],
    ['an address of this machine', { url: 'https://127.0.0.1/' }, 'url'],
  ])('are refused with %s', (_what, change, field) => {
    given()
      .when({ ...create, ...change })
      .thenRefused('validation-failed', { fields: [field] });
    given(created)
      .when({ ...update, ...change })
      .thenRefused('validation-failed', { fields: [field] });
  });

  it('on one machine, for tests, an address of it is fine', () =>
    given()
      .when({ ...create, url: 'http://127.0.0.1:9000/', local: true })
      .then({ ...created, data: { ...created.data, url: 'http://127.0.0.1:9000/' } }));
});
