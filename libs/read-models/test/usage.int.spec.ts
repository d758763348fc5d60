/** How often a key was used, and that nobody learns of what is another's. */
import { newId } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import { DAY_MS, log, models, organizationId, publish } from './published-log.ts';

describe('use', () => {
  it('is summed, in the newest 100 windows, and shows in lists and details', async () => {
    const key = log.createKey(organizationId);
    const agent = log.createAgent(organizationId);
    const visible = log.createPublicKey(organizationId, agent.id);
    const from = (n: number) => log.timeAfter(n * 10_000 - log.events.length);
    for (let n = 1; n <= 103; n += 1) log.use(key.id, organizationId, { from: from(n), count: n });
    log.use(visible.id, organizationId, { from: from(7), count: 1 });
    await publish();
    const { value } = await models.getKeyUsage(organizationId, key.id);
    expect(value).toMatchObject({ keyId: key.id, count: (103 * 104) / 2 });
    expect(value!.windows).toHaveLength(100);
    expect(value!.windows.map(({ count }) => count)).toEqual(Array.from({ length: 100 }, (_, n) => 103 - n));
    expect(Date.parse(value!.firstUsedAt)).toBeLessThan(Date.parse(value!.windows.at(-1)!.from));
    const { lastUsedAt } = value!;
    expect((await models.getKey(organizationId, key.id)).value).toMatchObject({ lastUsedAt });
    expect((await models.listKeys(organizationId)).value.items).toMatchObject([{ lastUsedAt }]);
    expect((await models.getPublicKey(organizationId, visible.id)).value).toHaveProperty('lastUsedAt');
    expect((await models.listPublicKeys(organizationId)).value.items[0]).toHaveProperty('lastUsedAt');
  });

  it('shows where the latest came from that told it, in lists and details of both kinds', async () => {
    const agent = log.createAgent(organizationId);
    const [key, visible] = [log.createKey(organizationId), log.createPublicKey(organizationId, agent.id)];
    const at = (n: number) => log.timeAfter(n * 10_000 - log.events.length);
    const told = (userAgent: string) => ({ lastUsedFrom: { addressPrefix: '192.0.2.0/24', userAgent } });
    const shown = async () => {
      await publish();
      const [one, list, usage] = await Promise.all([
        models.getKey(organizationId, key.id),
        models.listKeys(organizationId),
        models.getKeyUsage(organizationId, key.id),
      ]);
      const { lastUsedAt, lastUsedFrom } = one.value!;
      for (const also of [list.value.items[0], usage.value])
        expect(also).toMatchObject({ lastUsedAt, ...(lastUsedFrom && { lastUsedFrom }) });
      expect(usage.value).not.toHaveProperty('toldAt');
      return [lastUsedAt, lastUsedFrom?.userAgent];
    };
    const used = (n: number) => new Date(Date.parse(at(n)) + 5_000).toISOString();
    log.use(key.id, organizationId, { from: at(1), count: 1 });
    expect(await shown()).toEqual([used(1), undefined]);
    log.use(key.id, organizationId, { from: at(3), count: 1, ...told('curl') });
    // Recorded late by another authorizer, and one that tells nothing.
    log.use(key.id, organizationId, { from: at(2), count: 1, ...told('wget') });
    log.use(key.id, organizationId, { from: at(4), count: 1 });
    expect(await shown()).toEqual([used(4), 'curl']);
    log.use(visible.id, organizationId, { from: at(5), count: 1, ...told('Firefox') });
    await publish();
    const expected = told('Firefox');
    expect((await models.getPublicKey(organizationId, visible.id)).value).toMatchObject(expected);
    expect((await models.listPublicKeys(organizationId)).value.items).toMatchObject([expected]);
  });

  it('is shown to the organization of the key alone, and of unknown keys to nobody', async () => {
    const key = log.createKey(organizationId);
    const unused = log.createKey(organizationId);
    const unknown = newId('key');
    for (const id of [key.id, unknown]) log.use(id, organizationId, { from: log.timeAfter(0), count: 1 });
    await publish();
    expect((await models.getKeyUsage(organizationId, key.id)).value).toMatchObject({ count: 1 });
    for (const [organization, id] of [
      [newId('organization'), key.id],
      [organizationId, unknown],
      [organizationId, newId('key')],
      [organizationId, unused.id],
    ] as const)
      expect((await models.getKeyUsage(organization, id)).value).toBeUndefined();
  });

  it('that cannot be read hides no key, and no key passes for unused by it', async () => {
    const key = log.createKey(organizationId);
    const from = log.timeAfter(0);
    log.use(key.id, organizationId, { from, count: 1 });
    const filter = { unusedSince: log.timeAfter(DAY_MS) };
    await publish();
    expect((await models.listKeys(organizationId, { filter })).value.items).toHaveLength(1);
    log.append(streamName('usage', key.id), 'KeyMisused', {});
    await publish();
    expect((await models.listKeys(organizationId, { filter })).value.items).toEqual([]);
    expect((await models.getKey(organizationId, key.id)).value).toHaveProperty('lastUsedAt');
    await expect(models.getKeyUsage(organizationId, key.id)).rejects.toMatchObject({ reason: 'parked' });
  });
});
