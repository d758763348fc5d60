/** Importing keys by the digests of their tokens: each line is answered by itself. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  importedKeyId,
  type CommandContracts,
  type ImportedKey,
  type ImportKeysOutput,
} from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { Log, readPeppers } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import type { ImportKeysCommand } from '../src/key/commands.ts';
import { ImportKeysHandler } from '../src/key/import-keys.ts';
import { KeyMaking } from '../src/key/making.ts';
import { Mint } from '../src/mint.ts';
import { expectForbidden, expectHidden, keyActor, person } from './checks.ts';
import { Harness, problemOf, sha256 } from './harness.ts';
import { OneLook, storeWith } from './parts.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
});

const digest = () => randomBytes(32).toString('hex');
const line = (changes: object = {}): ImportedKey => ({
  name: 'imported',
  role: 'developer',
  digest: digest(),
  ...changes,
});
const importKeys = (
  keys: readonly unknown[],
  changes: object = {},
  organizationId = harness.organizationId,
): Promise<ImportKeysOutput> =>
  harness.send(
    'importKeys',
    { organizationId, keys: keys as CommandContracts['importKeys']['input']['keys'] },
    changes,
  );
const problems = ({ results }: ImportKeysOutput) =>
  results.map((one) =>
    'problem' in one ? [one.problem.code, one.problem.errors?.[0]?.field ?? one.problem.rule] : 'key',
  );

describe('importKeys', () => {
  it('accepted: 1,000 keys in one call, each with an id that follows from its digest', async () => {
    const keys = Array.from({ length: 1_000 }, (_value, index) =>
      line({ name: `key ${index}`, hint: 'acme_live_' }),
    );
    const commandId = randomUUID();
    harness.asked.splice(0);
    const output = await importKeys(keys, { commandId });
    expect(output.results).toHaveLength(1_000);
    output.results.forEach((result, index) =>
      expect(result).toMatchObject({
        key: {
          id: importedKeyId(commandId, keys[index]!.digest),
          name: `key ${index}`,
          state: 'active',
          secrets: [{ version: 1, hint: 'acme_live_' }],
        },
      }),
    );
    expect(harness.asked).toMatchObject([{ need: 'visible', position: output.position }]);
    expect(await harness.head()).toBe(BigInt(output.position));
    const peppers = readPeppers(harness.pepperFile);
    const id = importedKeyId(commandId, keys[7]!.digest);
    expect(await harness.key(id)).toMatchObject({
      secrets: [{ credential: peppers.credential(keys[7]!.digest) }],
    });
  });

  it('repeated: the same answer, nothing written; also when lines are left out since (G2)', async () => {
    const keys = [line(), line({ role: 'emperor' }), line()];
    const changes = { commandId: randomUUID(), requestDigest: sha256('what was asked') };
    const first = await importKeys(keys, changes);
    const head = await harness.head();
    expect(await importKeys(keys, changes)).toEqual(first);
    const without = await importKeys([keys[0], keys[2]], changes);
    expect(without.results).toEqual([first.results[0], first.results[2]]);
    expect(await harness.head()).toBe(head);
    const other = importKeys(keys, { ...changes, requestDigest: sha256('something else') });
    expect((await problemOf(other)).code).toBe('idempotency-key-reused');
  });

  it('each line is refused by itself, for what creating is refused for', async () => {
    const organizationId = await harness.createOrganization('Strict', harness.owner.id);
    await harness.write('organization', organizationId, {
      type: 'OrganizationPolicyChanged',
      data: { policy: { allowedKeyRoles: ['viewer', 'developer'], onMakerLoss: 'list' } },
    });
    const twice = line();
    const output = await importKeys(
      [
        line(),
        line({ role: 'admin' }),
        line({ digest: 'x' }),
        line({ extra: 1 }),
        line({ name: '' }),
        line({ allowedIps: ['10.0.0.7/8'] }),
        line({ scope: { agents: ['agent_nowhere'] } }),
        line({ expiresAt: '2020-01-01T00:00:00Z' }),
        line({ hint: 'a hint with blanks' }),
        twice,
        twice,
        'text',
        null,
        [],
      ],
      {},
      organizationId,
    );
    expect(problems(output)).toEqual([
      'key',
      ['policy-violation', 'allowedKeyRoles'],
      ['validation-failed', 'digest'],
      ['validation-failed', 'extra'],
      ['validation-failed', 'name'],
      ['validation-failed', 'allowedIps.0'],
      ['validation-failed', 'scope.agents.0'],
      ['validation-failed', 'expiresAt'],
      ['validation-failed', 'hint'],
      'key',
      ['validation-failed', 'digest'],
      ['validation-failed', undefined],
      ['validation-failed', undefined],
      ['validation-failed', undefined],
    ]);
  });

  it('refused as a whole: no lines, too many, too long, without the permission, strangers', async () => {
    for (const keys of [[], Array.from({ length: 1_001 }, () => ({}))])
      expect(await problemOf(importKeys(keys))).toMatchObject({
        code: 'validation-failed',
        errors: [{ field: 'input.keys' }],
      });
    const long = Array.from({ length: 1_000 }, () => ({ name: 'x'.repeat(650) }));
    expect((await problemOf(importKeys(long))).code).toBe('payload-too-large');
    const weak = await harness.createKey();
    await expectForbidden(importKeys([line()], { actor: keyActor(weak.key.id) }), 'api-keys:write');
    await expectHidden(importKeys([line()], { actor: person() }), importKeys([line()], {}, 'org_nowhere'));
  });

  it('the log holds no digest of a token, nor one of the request that holds it (G1)', async () => {
    const keys = [line()];
    const changes = { commandId: randomUUID(), requestDigest: sha256(JSON.stringify(keys)) };
    await importKeys(keys, changes);
    const [stored] = await harness.events(`key-${importedKeyId(changes.commandId, keys[0]!.digest)}`);
    const text = JSON.stringify({ data: stored!.data, metadata: stored!.metadata });
    expect(text).not.toContain(keys[0]!.digest);
    expect(text).not.toContain(changes.requestDigest);
    expect(harness.logged).not.toContain(keys[0]!.digest);
  });
});

describe('a maker who loses the rights during an import (G8)', () => {
  /** Imports in the name of an admin key that is revoked once the third line has been appended. */
  async function importWhileRevoked(decisions: (store: EventStore) => Decisions) {
    const admin = await harness.createKey({}, { role: 'admin' });
    let appends = 0;
    const store = storeWith(harness.store, async (log, ...args) => {
      const result = await log.append(...args);
      // Recorded is enough: whether it is final is nothing to this.
      if ((appends += 1) === 3) await harness.revokeKey(admin.key.id).catch(() => undefined);
      return result;
    });
    const on = decisions(store);
    const confirmation = new Confirmation(
      harness.nats,
      { deltaMs: 1, finalTimeoutMs: 500 },
      new Log('spec', 'silent'),
    );
    const mint = new Mint(readPeppers(harness.pepperFile), 'mcpstack');
    const handler = new ImportKeysHandler(on, new KeyMaking(on), confirmation, mint);
    const keys = Array.from({ length: 8 }, () => line());
    const asked = harness.envelope(
      { organizationId: harness.organizationId, keys },
      { actor: keyActor(admin.key.id) },
    ) as unknown as ImportKeysCommand;
    const states = async () =>
      (await Promise.all(keys.map((one) => harness.key(importedKeyId(asked.commandId, one.digest))))).map(
        (state) => state.status,
      );
    return { handler, asked, states };
  }

  it('keeps none of them: each is revoked, and that is final when it is answered', async () => {
    const { handler, asked, states } = await importWhileRevoked((store) => new Decisions(store));
    harness.confirm = ({ need }) => ({ confirmed: need === 'visible' });
    expect((await problemOf(handler.execute(asked))).code).toBe('not-final');
    expect(new Set(await states())).toEqual(new Set(['revoked']));
    harness.confirm = () => ({ confirmed: true });
    expect((await problemOf(handler.execute(asked))).code).toBe('not-found');
    const asOwner = await handler.execute({ ...asked, actor: harness.owner });
    expect(new Set(problems(asOwner).map(String))).toEqual(new Set(['forbidden,']));
  });

  it('control: without the second look they would stay', async () => {
    const { handler, asked, states } = await importWhileRevoked((store) => new OneLook(store));
    expect(new Set(problems(await handler.execute(asked)))).toEqual(new Set(['key']));
    expect(new Set(await states())).toEqual(new Set(['active']));
  });
});
