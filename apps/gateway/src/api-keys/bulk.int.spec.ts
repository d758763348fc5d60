import { createHash, randomUUID } from 'node:crypto';
import {
  deriveId,
  importedKeyId,
  newId,
  ProblemError,
  tokenDigest,
  type ApiKey,
  type ImportKeysInput,
  type Problem,
} from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { serviceKey } from '../../test/stand-in-answers.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());
afterEach(() => {
  harness.issuance.override = undefined;
  harness.authorizer.identifyOverride = undefined;
});

const post = (
  action: string,
  json: unknown,
  headers: readonly string[] = [],
  token = session,
): Promise<Answer> => harness.call('POST', `${harness.keysPath}/${action}`, { token, json, headers });

describe('POST …/api-keys/bulk-revoke', () => {
  function stored(name: string, change: Partial<ApiKey>): ApiKey {
    const { organizationId, userId } = harness;
    const id = deriveId('key', `${JSON.stringify(change)}-${name}`);
    const key = serviceKey(organizationId, id, { type: 'user', id: userId }, { name, ...change });
    harness.models.addKey(key);
    return key;
  }
  const named = (answer: Answer): unknown[] =>
    (answer.body['keys'] as { name: string }[]).map(({ name }) => name);

  it('200: a dry run says exactly what the real one does: keys in force that meet all of the filter', async () => {
    const tags = ['old'];
    const past = new Date(Date.now() - 1_000).toISOString();
    stored('in force', { tags, lastUsedAt: past });
    stored('suspended', { tags, state: 'suspended' });
    stored('revoked', { tags, state: 'revoked', revokedAt: past, revocationReason: 'requested' });
    stored('expired', { tags, state: 'expired' });
    stored('over, not written yet', { tags, expiresAt: past });
    stored('of another role', { tags, role: 'admin' });
    stored('of another tag', { tags: ['new'] });
    const filter = { tag: 'old', role: 'viewer' };

    let dry!: Answer;
    expect(
      await harness.commandsDuring(async () => (dry = await post('bulk-revoke', { filter, dryRun: true }))),
    ).toEqual([]);
    expect(dry.status).toBe(200);
    expect(dry.body).toMatchObject({ dryRun: true, count: 2 });
    expect(dry.body).not.toHaveProperty('more');
    expect(named(dry)).toEqual(['in force', 'suspended']);
    expect((dry.body['keys'] as object[])[0]).toMatchObject({ lastUsedAt: past });

    let real!: Answer;
    const [sent, ...others] = await harness.commandsDuring(
      async () => (real = await post('bulk-revoke', { filter })),
    );
    expect(others).toEqual([]);
    expect(real.status).toBe(200);
    expect(real.headers['mcpstack-position']).toBe('44');
    expect(real.body).toEqual({ ...dry.body, dryRun: false });
    expect(sent!.name).toBe('revokeKeys');
    const keyIds = (dry.body['keys'] as { id: string }[]).map(({ id }) => id);
    expect(sent!.envelope.input).toEqual({ organizationId: harness.organizationId, keyIds });
  });

  it('200: names only those that issuance says it revoked', async () => {
    const kept = stored('kept', { tags: ['race'] });
    stored('gone meanwhile', { tags: ['race'] });
    harness.issuance.override = () => ({ revokedKeyIds: [kept.id], position: '45' });
    expect(named(await post('bulk-revoke', { filter: { tag: 'race' } }))).toEqual(['kept']);
  });

  it('200: nothing found, nothing sent, no position', async () => {
    let answer!: Answer;
    const filter = { environment: 'nowhere' };
    expect(
      await harness.commandsDuring(async () => (answer = await post('bulk-revoke', { filter }))),
    ).toEqual([]);
    expect(answer.body).toEqual({ dryRun: false, keys: [], count: 0 });
    expect(answer.headers).not.toHaveProperty('mcpstack-position');
  });

  it('200: a thousand at a time, each once; 10,000 a request, and says that there are more', async () => {
    for (let at = 0; at < 10_003; at += 1) stored(`key ${at}`, { tags: ['many'] });
    let answer!: Answer;
    const filter = { tag: 'many' };
    const sent = await harness.commandsDuring(async () => (answer = await post('bulk-revoke', { filter })));
    const chunks = sent.map(({ envelope }) => envelope.input['keyIds'] as string[]);
    expect(chunks.map((chunk) => chunk.length)).toEqual(Array.from({ length: 10 }, () => 1_000));
    expect(new Set(chunks.flat()).size).toBe(10_000);
    expect(answer.body).toMatchObject({ count: 10_000, more: true });
  });

  it('200, G2: whoever goes on under another key gets further; a retry goes no further than its first try', async () => {
    const tags = ['further'];
    const all = Array.from({ length: 20_005 }, (_, at) => stored(`further ${at}`, { tags }));
    const byId = new Map(all.map((key) => [key.id, key]));
    const revokedBy = new Map<string, string>();
    // As issuance does: a key ends once, and only the command that ended it is told so.
    harness.issuance.override = (_, { commandId, input }) => {
      const keyIds = input['keyIds'] as string[];
      for (const id of keyIds.filter((one) => !revokedBy.has(one))) {
        revokedBy.set(id, commandId);
        const revokedAt = new Date().toISOString();
        Object.assign(byId.get(id)!, { state: 'revoked', revokedAt, revocationReason: 'requested' });
      }
      return { revokedKeyIds: keyIds.filter((id) => revokedBy.get(id) === commandId), position: '9' };
    };
    const body = { filter: { tag: 'further' } };
    const go = async (key: string): Promise<unknown[]> => {
      const { body: done } = await post('bulk-revoke', body, ['Idempotency-Key', key]);
      return [done['count'], done['more'], revokedBy.size];
    };
    expect(await go('first')).toEqual([10_000, true, 10_000]);
    expect(await go('first')).toEqual([10_000, true, 10_000]);
    expect(await go('second')).toEqual([10_000, true, 20_000]);
    expect(await go('second')).toEqual([10_000, true, 20_000]);
    expect(await go('third')).toEqual([5, undefined, 20_005]);
  }, 240_000);

  it('200, G2: a retry is the same command, and names again what its first try revoked', async () => {
    const tags = ['retried'];
    const done = stored('done', { tags });
    const body = { filter: { tag: 'retried' } };
    const headers = ['Idempotency-Key', randomUUID()];
    const [first] = await harness.commandsDuring(() => post('bulk-revoke', body, headers));
    Object.assign(done, {
      state: 'revoked',
      revokedAt: new Date().toISOString(),
      revocationReason: 'requested',
    });
    let answer!: Answer;
    const [second] = await harness.commandsDuring(
      async () => (answer = await post('bulk-revoke', body, headers)),
    );
    expect(named(answer)).toEqual(['done']);
    expect(second!.envelope).toMatchObject({
      commandId: first!.envelope.commandId,
      requestDigest: first!.envelope.requestDigest,
    });
    // Another body under the key is another request.
    const [third] = await harness.commandsDuring(() =>
      post('bulk-revoke', { filter: { tag: 'retried', role: 'viewer' } }, headers),
    );
    expect(third!.envelope.commandId).toBe(first!.envelope.commandId);
    expect(third!.envelope.requestDigest).not.toBe(first!.envelope.requestDigest);
  });

  it('G3: what is found revoked is asked for once more, without a key too: it may not be final', async () => {
    const revoked = { state: 'revoked', revocationReason: 'requested' } as const;
    const ofAge = (ageMs: number) => new Date(Date.now() - ageMs).toISOString();
    stored('older', { tags: ['gone'], ...revoked, revokedAt: ofAge(2_000) });
    const newer = stored('newer', { tags: ['gone'], ...revoked, revokedAt: ofAge(1_000) });
    harness.issuance.override = () => ({ revokedKeyIds: [], position: '45' });
    let answer!: Answer;
    const sent = await harness.commandsDuring(
      async () => (answer = await post('bulk-revoke', { filter: { tag: 'gone' } })),
    );
    expect(sent.map(({ envelope }) => envelope.input['keyIds'])).toEqual([[newer.id]]);
    expect(answer.body).toEqual({ dryRun: false, keys: [], count: 0 });
    expect(answer.headers['mcpstack-position']).toBe('45');
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final: repeat the request.');
    };
    expectProblem(await post('bulk-revoke', { filter: { tag: 'gone' } }), 503, 'not-final');
    // Whoever waits for one in force waits for these as well.
    const { id } = stored('in force', { tags: ['gone'] });
    harness.issuance.override = undefined;
    const [first, ...others] = await harness.commandsDuring(() =>
      post('bulk-revoke', { filter: { tag: 'gone' } }),
    );
    expect([first!.envelope.input['keyIds'], others]).toEqual([[id], []]);
  });

  it('200: a key that revokes others and itself is the last to go', async () => {
    const keys = Array.from({ length: 1_001 }, (_, at) => stored(`own ${at}`, { tags: ['own'] }));
    const { id: keyId } = keys[0]!;
    const token = harness.key('admin', harness.organizationId, { keyId });
    const sent = await harness.commandsDuring(() =>
      post('bulk-revoke', { filter: { tag: 'own' } }, [], token),
    );
    expect(
      sent
        .map(({ envelope }) => envelope.input['keyIds'] as string[])
        .flat()
        .at(-1),
    ).toBe(keyId);
  });

  it.each<[string, unknown, string]>([
    ['no filter', {}, 'filter'],
    ['an empty filter', { filter: {} }, 'filter'],
    ['a filter that is a list', { filter: [{ tag: 'a' }] }, 'filter'],
    ['a filter by state', { filter: { state: 'active' } }, 'filter.state'],
    ['a time that is none', { filter: { unusedSince: '2026-02-30T00:00:00Z' } }, 'filter.unusedSince'],
    ['a dry run that is a text', { filter: { tag: 'a' }, dryRun: 'true' }, 'dryRun'],
  ])('400: %s', async (_, json, field) => {
    let answer!: Answer;
    expect(await harness.commandsDuring(async () => (answer = await post('bulk-revoke', json)))).toEqual([]);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });

  it('403 without the permission, 503 when a chunk is not final', async () => {
    const body = { filter: { tag: 'old' } };
    expectProblem(await post('bulk-revoke', body, [], harness.key('developer')), 403, 'forbidden');
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final.');
    };
    expectProblem(await post('bulk-revoke', body), 503, 'not-final');
  });
});

describe('POST …/api-keys/import', () => {
  const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
  const line = (token: string, change: object = {}): object => ({
    name: 'imported',
    role: 'developer',
    digest: digestOf(token).toString('hex'),
    ...change,
  });
  interface Result {
    status: string;
    key?: ApiKey;
    problem?: Problem;
  }
  const results = (answer: Answer): Result[] => answer.body['results'] as Result[];

  it('200: digests in every encoding reach issuance as one', async () => {
    const bytes = ['a', 'b', 'c', 'd', 'e'].map((token) => digestOf(token));
    const keys = [
      line('a', { encoding: 'hex', digest: bytes[0]!.toString('hex').toUpperCase() }),
      line('b', { encoding: 'base64', digest: bytes[1]!.toString('base64') }),
      line('c', { encoding: 'base64url', digest: bytes[2]!.toString('base64url') }),
      line('d', { digest: bytes[3]!.toString('base64').replace('=', '') }),
      line('e', { digest: `${bytes[4]!.toString('base64url')}=`, hint: 'acme_live_', tags: ['old'] }),
    ];
    let answer!: Answer;
    const [sent] = await harness.commandsDuring(async () => (answer = await post('import', { keys })));
    expect(answer.status).toBe(200);
    expect(results(answer).map(({ status }) => status)).toEqual(keys.map(() => 'created'));
    expect(answer.headers['mcpstack-position']).toBe('44');
    const input = sent!.envelope.input as unknown as ImportKeysInput;
    expect(input.keys.map(({ digest }) => digest)).toEqual(bytes.map((one) => one.toString('hex')));
    expect(input.keys[4]).toEqual({
      name: 'imported',
      role: 'developer',
      hint: 'acme_live_',
      tags: ['old'],
      digest: bytes[4]!.toString('hex'),
    });
    for (const one of bytes) expect(answer.text).not.toContain(one.toString('hex'));
  });

  it('200: each line is answered by itself, in order; those that are wrong do not stop the others', async () => {
    harness.authorizer.add('taken-token-of-somebody', {
      keyId: newId('key'),
      orgId: newId('organization'),
      role: 'viewer',
    });
    harness.issuance.override = (_, { input }) => ({
      results: (input as unknown as ImportKeysInput).keys.map(({ name }, at) =>
        at === 1
          ? { problem: { code: 'policy-violation', message: 'Keys must expire.', rule: 'expiryRequired' } }
          : {
              key: serviceKey(harness.organizationId, newId('key'), { type: 'user', id: 'user_1' }, { name }),
            },
      ),
      position: '50',
    });
    const keys = [
      line('good-1', { name: 'first' }),
      line('x', { role: 'root' }),
      line('x', { digest: 'acme_live_0123456789' }),
      line('good-1', { name: 'same digest again' }),
      line('taken-token-of-somebody'),
      line('good-2', { name: 'against the policy' }),
      null,
      'text',
      [],
      line('x', { secret: 'mine' }),
      line('x', { encoding: 'base64' }),
      line('x', { hint: 'a hint that is too long' }),
      line('x', { scope: { agents: ['srv_1'] } }),
      line('good-3', { name: 'last' }),
    ];
    let answer!: Answer;
    const [sent] = await harness.commandsDuring(async () => (answer = await post('import', { keys })));
    expect(answer.status).toBe(200);
    expect((sent!.envelope.input as unknown as ImportKeysInput).keys.map(({ name }) => name)).toEqual([
      'first',
      'against the policy',
      'last',
    ]);
    const short = results(answer).map(({ status, key, problem }) =>
      status === 'created'
        ? key!.name
        : `${problem!.code} ${problem!.errors?.[0]?.field ?? problem!.rule ?? ''}`,
    );
    expect(short).toEqual([
      'first',
      'validation-failed role',
      'validation-failed digest',
      'conflict digest',
      'conflict digest',
      'policy-violation expiryRequired',
      'validation-failed ',
      'validation-failed ',
      'validation-failed ',
      'validation-failed secret',
      'validation-failed digest',
      'validation-failed hint',
      'validation-failed scope.agents',
      'last',
    ]);
    const { problem } = results(answer)[1]!;
    expect(problem).toMatchObject({ status: 400, requestId: answer.headers['x-request-id'] });
  });

  it('200: when no line is good, nothing is sent', async () => {
    let answer!: Answer;
    const keys = [line('x', { role: 'root' })];
    expect(await harness.commandsDuring(async () => (answer = await post('import', { keys })))).toEqual([]);
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('mcpstack-position');
  });

  it('200: a thousand lines with all that a line may hold', async () => {
    const keys = Array.from({ length: 1_000 }, (_, at) =>
      line(`bulk-${at}`, {
        tags: ['a', 'b', 'c'],
        allowedIps: ['203.0.113.0/24'],
        limits: [{ name: 'requests', limit: 1, windowMs: 1_000 }],
        scope: { agents: [newId('agent')], servers: [newId('server')] },
      }),
    );
    let answer!: Answer;
    const sent = await harness.commandsDuring(async () => (answer = await post('import', { keys })));
    expect(answer.status).toBe(200);
    expect(results(answer).every(({ status }) => status === 'created')).toBe(true);
    expect(new Set(results(answer).map(({ key }) => key!.id)).size).toBe(1_000);
    // In several commands, each of what issuance takes; they are one request, so they have one id.
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent.map(({ envelope }) => envelope.commandId)).size).toBe(1);
    expect(new Set(sent.map(({ envelope }) => envelope.requestDigest)).size).toBe(1);
    for (const { envelope } of sent) {
      const chunk = (envelope.input as unknown as ImportKeysInput).keys;
      expect(Buffer.byteLength(JSON.stringify(chunk))).toBeLessThan(600_000);
      expect(2 * chunk.length).toBeLessThanOrEqual(1_000);
    }
  });

  it('200, G2: a retry is the same command although its digests are in use by now', async () => {
    const headers = ['Idempotency-Key', randomUUID()];
    const tokens = ['again-1', 'again-2'];
    const keys = tokens.map((token) => line(token));
    const [first] = await harness.commandsDuring(() => post('import', { keys }, headers));
    const { commandId, requestDigest } = first!.envelope;
    for (const token of tokens) {
      const keyId = importedKeyId(commandId, tokenDigest(token));
      harness.authorizer.add(token, { keyId, orgId: harness.organizationId, role: 'viewer' });
    }
    const [second] = await harness.commandsDuring(() => post('import', { keys }, headers));
    expect(second!.envelope).toMatchObject({ commandId, requestDigest, input: first!.envelope.input });
    // Control: another request finds them in use.
    const other = await post('import', { keys });
    expect(results(other).map(({ problem }) => problem?.code)).toEqual(['conflict', 'conflict']);
  });

  it.each<[string, unknown, string]>([
    ['no keys', {}, 'keys'],
    ['an empty list', { keys: [] }, 'keys'],
    ['1,001 keys', { keys: Array.from({ length: 1_001 }, () => ({})) }, 'keys'],
    ['keys that are an object', { keys: { length: 1 } }, 'keys'],
    ['an unknown field', { keys: [{}], upsert: true }, 'upsert'],
  ])('400: %s', async (_, json, field) => {
    const answer = await post('import', json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.map((one) => one.field)).toContain(field);
  });

  it('403 without the permission; 503 when nobody can say whose the digests are: nothing is sent', async () => {
    const body = { keys: [line('x')] };
    expectProblem(await post('import', body, [], harness.key('developer')), 403, 'forbidden');
    for (const broken of [{ reason: 'away' }, { keys: [] }, { keys: [{ keyId: 'x' }] }]) {
      harness.authorizer.identifyOverride = broken as never;
      let answer!: Answer;
      expect(await harness.commandsDuring(async () => (answer = await post('import', body)))).toEqual([]);
      expectProblem(answer, 503, 'unavailable');
    }
  });
});
