/** From a credential to its key: the question that every check begins with. */
import { newId } from '@mcpstack/contracts';
import { digestOf } from './log.ts';
import { DAY_MS, log, models, organizationId, publish } from './published-log.ts';

describe('a credential leads to its key', () => {
  it('a service key with its terms, and the secret that was shown', async () => {
    const terms = {
      permissions: ['servers:read' as const],
      scope: { servers: [newId('server')] },
      expiresAt: log.timeAfter(DAY_MS),
      allowedIps: ['10.0.0.0/8'],
      limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }],
      quotas: [{ name: 'daily', limit: 9, interval: 'day' as const }],
      tags: ['ci'],
      environment: 'staging',
    };
    const key = log.createKey(organizationId, { ...terms, hint: 'acme_' });
    const second = digestOf('second');
    const previous = { validUntil: log.timeAfter(1_000), untilNextSeen: true };
    log.append(key.stream, 'KeyRotated', {
      version: 2,
      credential: { digest: second, pepperVersion: 1 },
      previous,
    });
    await publish();
    const first = (await models.findByDigests([key.digest])).value;
    expect(first).toMatchObject({
      status: 'found',
      digest: key.digest,
      key: {
        ...terms,
        kind: 'service',
        revision: '1',
        credentials: [
          { version: 1, digest: key.digest },
          { version: 2, digest: second },
        ],
        secrets: [{ version: 1, hint: 'acme_', ...previous }, { version: 2 }],
      },
      organization: { id: organizationId, revision: '0', policy: { onMakerLoss: 'list' } },
    });
    expect(first).not.toHaveProperty('agent');
    expect((await models.findByDigests([second])).value).toMatchObject({ digest: second });
  });

  it('an ended secret too, so that a check can say why', async () => {
    const key = log.createKey(organizationId);
    for (const version of [2, 3]) {
      const credential = { digest: digestOf(`${key.id} ${version}`), pepperVersion: 1 };
      const previous = { validUntil: log.timeAfter(1_000) };
      log.append(key.stream, 'KeyRotated', { version, credential, previous });
    }
    log.append(key.stream, 'KeySecretRetired', { version: 2 });
    await publish();
    for (const digest of [key.digest, digestOf(`${key.id} 2`)]) {
      const { value } = await models.findByDigests([digest]);
      expect(value).toMatchObject({ status: 'found', digest, key: { secrets: [{ version: 3 }] } });
    }
  });

  it('of several that registered one, to the first, whichever digest comes first', async () => {
    // Rotates last, to the digest of a token that is somebody else's: an old key gains nothing either.
    const old = log.createKey(organizationId);
    const first = log.createKey(organizationId);
    const copy = log.createKey(organizationId, { credential: { digest: first.digest, pepperVersion: 1 } });
    const underNext = digestOf('the same token under the next pepper');
    log.createKey(organizationId, { credential: { digest: underNext, pepperVersion: 2 } });
    const credential = { digest: digestOf('third pepper'), pepperVersion: 3 };
    const previous = { validUntil: log.timeAfter(0) };
    log.append(old.stream, 'KeyRotated', { version: 2, credential, previous });
    await publish();
    for (const digests of [
      [first.digest],
      [underNext, first.digest],
      [first.digest, underNext, credential.digest],
    ])
      expect((await models.findByDigests(digests)).value).toMatchObject({
        status: 'found',
        key: { id: first.id },
        digest: first.digest,
      });
    expect((await models.getKey(organizationId, copy.id)).value).toBeDefined();
  });

  it('a publishable key with its agent and its domains', async () => {
    const agent = log.createAgent(organizationId);
    const domainId = newId('domain');
    log.append(agent.stream, 'AgentDomainAdded', { domainId, domain: 'example.com', challenge: 'c' });
    log.append(agent.stream, 'AgentDomainVerified', { domainId, method: 'dns' });
    const key = log.createPublicKey(organizationId, agent.id);
    await publish();
    expect((await models.findByDigests([key.digest])).value).toMatchObject({
      status: 'found',
      key: { id: key.id, kind: 'publishable', credentials: [{ version: 1, digest: key.digest }] },
      agent: {
        id: agent.id,
        state: 'active',
        revision: '2',
        domains: [
          { id: domainId, agentId: agent.id, organizationId, domain: 'example.com', state: 'verified' },
        ],
      },
    });
  });

  it('1,000 tokens in one step, in order', async () => {
    const keys = Array.from({ length: 600 }, () => log.createKey(organizationId));
    await publish();
    const unknown = Array.from({ length: 400 }, (_, n) => digestOf(`unknown ${n}`));
    const tokens = [...keys.flatMap(({ digest }, n) => [[digest], [unknown[n % 400]!, digest]])].slice(
      0,
      1_000,
    );
    const { value } = await models.findMany(tokens);
    expect(value).toHaveLength(1_000);
    value.forEach((found, n) =>
      expect(found).toMatchObject({ status: 'found', key: { id: keys[Math.floor(n / 2)]!.id } }),
    );
    expect((await models.findMany([[unknown[0]!], [keys[0]!.digest], [unknown[1]!]])).value).toMatchObject([
      { status: 'unknown' },
      { status: 'found' },
      { status: 'unknown' },
    ]);
    const tooMany = [...tokens, ['a'.repeat(64)]];
    await expect(models.findMany(tooMany)).rejects.toThrow(RangeError);
    await expect(models.findMany([])).rejects.toThrow(RangeError);
    await expect(models.findMany([[]])).rejects.toThrow(RangeError);
    await expect(models.findMany([['x:y']])).rejects.toThrow(RangeError);
  });
});
