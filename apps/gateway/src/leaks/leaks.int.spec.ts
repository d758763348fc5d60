import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  makeToken,
  newId,
  ProblemError,
  tokenDigest,
  type ReportCredentialsInput,
} from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { jest } from '@jest/globals';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { gateway } from '../gateway.ts';
import { GithubScanning } from './github.controller.ts';

const dir = mkdtempSync(join(tmpdir(), 'mcpstack-leaks-'));
const github = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let harness: Harness;
beforeAll(async () => {
  const key = github.publicKey.export({ type: 'spki', format: 'pem' });
  const file = join(dir, 'keys.json');
  writeFileSync(file, JSON.stringify({ public_keys: [{ key_identifier: 'k1', key, is_current: true }] }));
  harness = await Harness.start({
    env: { GITHUB_SECRET_SCANNING_KEYS: file },
    credentialLimits: { perAddress: 1_000, windowS: 60 },
  });
});
afterAll(async () => {
  await harness.stop();
  rmSync(dir, { recursive: true });
});
afterEach(() => {
  harness.issuance.override = undefined;
  harness.authorizer.identifyOverride = undefined;
});

/** A service key in force, or in another state. */
function serviceKey(state?: 'suspended' | 'revoked' | 'expired'): { token: string; keyId: string } {
  const keyId = newId('key');
  const token = harness.key('viewer', harness.organizationId, { keyId });
  if (state) harness.authorizer.states.set(keyId, state);
  return { token, keyId };
}

describe('POST /credentials/revoke', () => {
  const revoke = (credentials: unknown): Promise<Answer> =>
    harness.call('POST', '/api/v1/credentials/revoke', { json: { credentials } });

  it('202: reports the secrets of service keys, whoever sends them, in one command', async () => {
    const foreign = 'acme_live_9876543210';
    // A revoked one as well: the report that revoked it may not have been final (G3).
    const keys = [serviceKey(), serviceKey('suspended'), serviceKey('revoked')];
    harness.authorizer.add(foreign, { keyId: newId('key'), orgId: newId('organization'), role: 'owner' });
    const tokens = [
      keys[0]!.token,
      foreign,
      keys[1]!.token,
      keys[0]!.token,
      keys[2]!.token,
      serviceKey('expired').token,
      makeToken('service'),
      harness.pageKey(newId('agent'), []),
      'short',
      'not visible \u00e9 0123456789',
      `${keys[0]!.token}0`,
    ];
    let answer!: Answer;
    const [sent, ...others] = await harness.commandsDuring(async () => (answer = await revoke(tokens)));
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({ accepted: tokens.length });
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      name: 'reportCredentials',
      envelope: { actor: { type: 'system', id: 'gateway' } },
    });
    const { credentials, source } = sent!.envelope.input as unknown as ReportCredentialsInput;
    expect(source).toBe('holder');
    expect(credentials.map(({ digest }) => digest)).toEqual(
      [keys[0]!.token, foreign, keys[1]!.token, keys[2]!.token].map((token) => tokenDigest(token)).sort(),
    );
    expect(credentials).toContainEqual(
      expect.objectContaining({ organizationId: harness.organizationId, keyId: keys[0]!.keyId }),
    );
    for (const token of tokens.slice(0, 3)) expect(JSON.stringify(sent)).not.toContain(token);
  });

  it('202: the answer is the same whatever was found', async () => {
    const found = await revoke([serviceKey().token]);
    const nothing = await revoke([makeToken('service')]);
    const nonsense = await revoke(['x']);
    for (const { status, text, headers } of [found, nothing, nonsense]) {
      expect([status, text]).toEqual([202, '{"accepted":1}']);
      expect(Object.keys(headers).sort()).toEqual(Object.keys(found.headers).sort());
    }
  });

  it('202: the same report again is the same command', async () => {
    const tokens = [serviceKey().token, serviceKey().token];
    const [first, second] = await harness.commandsDuring(async () => {
      await revoke(tokens);
      await revoke([...tokens].reverse());
    });
    expect(second!.envelope.commandId).toBe(first!.envelope.commandId);
    // Else issuance would take it for another request under the same id, and refuse it.
    expect(second!.envelope.requestDigest).toBe(first!.envelope.requestDigest);
  });

  it('202: a secret with the line break of the file that it was in is found all the same', async () => {
    const { token, keyId } = serviceKey();
    const [sent] = await harness.commandsDuring(() =>
      revoke([`${token}\n`, '  ', `\t${makeToken('service')}`]),
    );
    expect(sent!.envelope.input['credentials']).toMatchObject([{ keyId, digest: tokenDigest(token) }]);
  });

  it('202: a thousand at once', async () => {
    const tokens = Array.from({ length: 1_000 }, () => makeToken('service'));
    expect((await revoke(tokens)).body).toEqual({ accepted: 1_000 });
    expect(harness.authorizer.identified.at(-1)!.digests).toHaveLength(1_000);
  });

  it.each<[string, unknown]>([
    ['none', []],
    ['1,001', Array.from({ length: 1_001 }, () => 'x')],
    ['a text', 'x'],
    ['a number', [7]],
    ['an empty one', ['']],
    ['one of 513 characters', ['x'.repeat(513)]],
    ['an object', { length: 1 }],
  ])('400: %s', async (_, credentials) => {
    const answer = await revoke(credentials);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('credentials');
  });

  it('503: nobody can say whose they are, or the revocation is not final', async () => {
    harness.authorizer.identifyOverride = { reason: 'away' };
    expectProblem(await revoke([serviceKey().token]), 503, 'unavailable');
    harness.authorizer.identifyOverride = undefined;
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final.');
    };
    expectProblem(await revoke([serviceKey().token]), 503, 'not-final');
  });

  it('429: too many at once, with Retry-After; it goes on once they are done', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    harness.issuance.override = async () => {
      await held;
      return { revokedKeyIds: [], position: '1' };
    };
    const before = harness.issuance.commands.length;
    const running = Array.from({ length: 8 }, () => revoke([serviceKey().token]));
    await waitFor(() => harness.issuance.commands.length === before + 8, { what: 'eight reports' });
    const refused = await revoke(['x']);
    expectProblem(refused, 429, 'too-many-requests');
    expect(refused.headers['retry-after']).toBe('1');
    release();
    for (const answer of await Promise.all(running)) expect(answer.status).toBe(202);
    expect((await revoke(['x'])).status).toBe(202);
  });

  it('429: too often from one address, with Retry-After', async () => {
    const other = await Harness.start({ credentialLimits: { perAddress: 2, windowS: 60 } });
    const statuses: number[] = [];
    let last!: Answer;
    for (let times = 0; times < 3; times += 1) {
      last = await other.call('POST', '/api/v1/credentials/revoke', { json: { credentials: ['x'] } });
      statuses.push(last.status);
    }
    await other.stop();
    expect(statuses).toEqual([202, 202, 429]);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('POST /integrations/github/secret-scanning', () => {
  const PATH = '/api/v1/integrations/github/secret-scanning';
  const finding = (token: string): object => ({
    token,
    type: 'mcpstack_service_key',
    url: 'https://g.test/x',
    source: 'commit',
  });
  const signed = (raw: string): string => createSign('sha256').update(raw).sign(github.privateKey, 'base64');
  const post = (
    raw: string,
    {
      id = 'k1',
      signature = signed(raw),
      target = harness,
    }: { id?: string; signature?: string; target?: Harness } = {},
  ): Promise<Answer> =>
    target.call('POST', PATH, {
      raw,
      headers: [
        ...['Content-Type', 'application/json'],
        ...(id ? ['Github-Public-Key-Identifier', id] : []),
        ...(signature ? ['Github-Public-Key-Signature', signature] : []),
      ],
    });

  it('200: revokes what it finds, and labels each finding without repeating it', async () => {
    const [found, revoked] = [serviceKey(), serviceKey('revoked')];
    const tokens = [
      found.token,
      revoked.token,
      makeToken('service'),
      harness.pageKey(newId('agent'), []),
      'x',
    ];
    let answer!: Answer;
    const raw = JSON.stringify(tokens.map(finding), undefined, 2);
    const [sent, ...others] = await harness.commandsDuring(async () => (answer = await post(raw)));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual(
      tokens.map((token, at) => ({
        token_hash: tokenDigest(token),
        token_type: 'mcpstack_service_key',
        label: at < 2 ? 'true_positive' : 'false_positive',
      })),
    );
    expect(others).toEqual([]);
    expect(sent!.name).toBe('reportCredentials');
    expect(sent!.envelope.input).toEqual({
      source: 'github',
      credentials: [found, revoked]
        .map(({ keyId, token }) => ({
          organizationId: harness.organizationId,
          keyId,
          digest: tokenDigest(token),
        }))
        .sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    });
  });

  it('200: the older spelling of the headers is the same header', async () => {
    const raw = JSON.stringify([finding('x'.repeat(20))]);
    const answer = await harness.call('POST', PATH, {
      raw,
      headers: [
        ...['Content-Type', 'application/json'],
        ...['GITHUB-PUBLIC-KEY-IDENTIFIER', 'k1'],
        ...['GITHUB-PUBLIC-KEY-SIGNATURE', signed(raw)],
      ],
    });
    expect(answer.status).toBe(200);
  });

  it('200: a thousand findings, an empty list, and fields that we do not know', async () => {
    const many = JSON.stringify(Array.from({ length: 1_000 }, () => finding(makeToken('service'))));
    expect(JSON.parse((await post(many)).text)).toHaveLength(1_000);
    expect((await post('[]')).text).toBe('[]');
    expect((await post(JSON.stringify([{ ...finding('x'), commit: 'abc' }]))).status).toBe(200);
  });

  it('200: more findings than one look-up takes: each is labelled, each key revoked', async () => {
    const keys = [serviceKey(), serviceKey()];
    const tokens = Array.from({ length: 2_500 }, () => makeToken('service'));
    [tokens[0], tokens[2_499]] = [keys[0]!.token, keys[1]!.token];
    let answer!: Answer;
    const sent = await harness.commandsDuring(async () => {
      answer = await post(JSON.stringify(tokens.map((token) => ({ token, type: 't' }))));
    });
    const labels = (JSON.parse(answer.text) as { label: string }[]).map(({ label }) => label);
    expect(labels).toHaveLength(2_500);
    expect(labels.flatMap((label, at) => (label === 'true_positive' ? [at] : []))).toEqual([0, 2_499]);
    const revoked = sent.flatMap(({ envelope }) => envelope.input['credentials'] as { keyId: string }[]);
    expect(revoked.map(({ keyId }) => keyId)).toEqual(keys.map(({ keyId }) => keyId));
  });

  it('200: a replay is harmless: the same command, or none once the key has expired', async () => {
    const { token, keyId } = serviceKey();
    const raw = JSON.stringify([finding(token)]);
    const [first, second, third] = await harness.commandsDuring(async () => {
      await post(raw);
      await post(raw);
      harness.authorizer.states.set(keyId, 'revoked');
      await post(raw);
    });
    expect(second!.envelope.commandId).toBe(first!.envelope.commandId);
    expect(third!.envelope.commandId).toBe(first!.envelope.commandId);
    harness.authorizer.states.set(keyId, 'expired');
    expect(await harness.commandsDuring(() => post(raw))).toEqual([]);
  });

  it('403 or 401 before anything of the body is looked at: no signature, a wrong one, another key', async () => {
    const { token } = serviceKey();
    const raw = JSON.stringify([finding(token)]);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const bodies = [raw, '{"nonsense', '', '[1]'];
    for (const body of bodies) {
      const forged = createSign('sha256').update(body).sign(stranger, 'base64');
      const sent = await harness.commandsDuring(async () => {
        expectProblem(await post(body, { signature: forged }), 403, 'forbidden');
        expectProblem(await post(body, { signature: signed(`${body} `) }), 403, 'forbidden');
        expectProblem(await post(body, { id: 'k2' }), 403, 'forbidden');
        expectProblem(await post(body, { id: '' }), 401, 'unauthenticated');
        const missing = await post(body, { signature: '' });
        expectProblem(missing, 401, 'unauthenticated');
        expect(missing.headers['www-authenticate']).toContain('Github-Public-Key-Signature');
      });
      expect(sent).toEqual([]);
    }
  });

  it('control: without the check of the signature the forged report would revoke the key', async () => {
    const { token } = serviceKey();
    const raw = JSON.stringify([finding(token)]);
    const { keys } = harness.app.get(GithubScanning);
    const blind = jest.spyOn(keys!, 'signed').mockResolvedValue(true);
    expect(await harness.commandsDuring(() => post(raw, { signature: 'forged' }))).toHaveLength(1);
    blind.mockRestore();
    expect(await harness.commandsDuring(() => post(raw, { signature: 'forged' }))).toEqual([]);
  });

  it.each<[string, string]>([
    ['no JSON', '{"nonsense'],
    ['an object', '{}'],
    ['a finding without a token', '[{"type":"x"}]'],
    ['a token that is a number', '[{"token":7,"type":"x"}]'],
    ['10,001 findings', JSON.stringify(Array.from({ length: 10_001 }, () => ({ token: 'x', type: 'y' })))],
    ['depth', '['.repeat(10_000)],
  ])('400: %s, although it is signed', async (_, raw) => {
    expectProblem(await post(raw), 400, 'bad-request');
  });

  it('404: where the setting is absent; 503 while the keys cannot be read', async () => {
    const without = await Harness.start();
    const answer = await post('[]', { target: without });
    await without.stop();
    expectProblem(answer, 404, 'not-found');
    const broken = await Harness.start({ env: { GITHUB_SECRET_SCANNING_KEYS: '/nowhere/keys.json' } });
    const other = await post('[]', { target: broken });
    await broken.stop();
    expectProblem(other, 503, 'unavailable');
  });

  it('does not start with a setting that is neither', async () => {
    for (const value of ['http://api.github.com/keys', 'ftp://x']) {
      const env = { NATS_URL: 'nats://x', REDIS_URL: 'redis://x', GITHUB_SECRET_SCANNING_KEYS: value };
      await expect(gateway(env)).rejects.toThrow('GITHUB_SECRET_SCANNING_KEYS cannot be used');
    }
  });
});

describe('G1: what was shown here', () => {
  it('stands in no log line: neither our keys, nor those of another make, nor their digests', async () => {
    const foreign = 'acme_live_logged_nowhere';
    harness.authorizer.add(foreign, { keyId: newId('key'), orgId: harness.organizationId, role: 'viewer' });
    const { token } = serviceKey();
    const page = ['Origin', 'https://app.example.com'];
    for (const one of [token, foreign]) {
      await harness.call('GET', harness.keysPath, { token: one });
      await harness.call('GET', harness.keysPath, { token: one, headers: page });
      await harness.call('POST', '/api/v1/credentials/revoke', { json: { credentials: [one] } });
    }
    const line = { name: 'x', role: 'viewer', digest: tokenDigest('acme_live_imported') };
    const { token: session } = await harness.loginAs('owner');
    await harness.call('POST', `${harness.keysPath}/import`, { token: session, json: { keys: [line] } });
    harness.authorizer.identifyOverride = { reason: 'away' };
    await harness.call('POST', '/api/v1/credentials/revoke', { json: { credentials: [foreign] } });
    const secrets = [token, foreign, tokenDigest(token), tokenDigest(foreign), line.digest];
    for (const secret of secrets) expect(harness.log).not.toContain(secret);
    // Control: the search finds what is there.
    expect(harness.log).toContain('/api/v1/credentials/revoke');
  });
});
