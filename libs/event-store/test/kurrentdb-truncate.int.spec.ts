/** What truncation on KurrentDB rests on: the stream's metadata, which is one document, and the operator's scavenge. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { filesWith, makeTestCertificate } from '@mcpstack/testing';
import {
  collect,
  errorOf,
  event,
  events,
  freshCategory,
  freshStream,
  idsOf,
  take,
} from './contract/tools.ts';
import { KurrentDbDouble } from './kurrentdb-double/start-double.ts';

describe('truncation on KurrentDB', () => {
  let double: KurrentDbDouble;
  let store: EventStore;
  /** The client without the adapter. */
  let client: KurrentDBClient;

  beforeAll(async () => {
    double = await KurrentDbDouble.start();
    store = await openEventStore(double.url());
    client = KurrentDBClient.connectionString(double.url());
  });
  afterAll(async () => {
    await Promise.all([store.close(), client.dispose()]);
    await double.stop();
  });

  const metadataOf = async (stream: string) => (await client.getStreamMetadata(stream)).metadata;

  it('is gone from reads at once, and from $all and from the files after a scavenge (control: not before)', async () => {
    const category = freshCategory();
    const stream = freshStream(category);
    const secret = `planted-${randomBytes(12).toString('hex')}`;
    await store.append(stream, 'no_stream', [event({ text: secret }), event({ text: secret })]);
    await store.append(stream, 1n, [event({ text: 'record' })]);
    await store.truncate(stream, 2n);
    expect((await collect(store.readStream(stream))).map((one) => one.data)).toEqual([{ text: 'record' }]);
    const shown = (count: number) => take(store, count, { categories: [category] });
    const base64 = Buffer.from(JSON.stringify({ text: secret })).toString('base64');
    expect((await shown(3)).map((one) => one.data['text'])).toEqual([secret, secret, 'record']);
    expect(filesWith(double.folder, base64)).not.toEqual([]);
    await double.scavenge();
    expect((await shown(1)).map((one) => one.data['text'])).toEqual(['record']);
    expect(filesWith(double.folder, base64)).toEqual([]);
    await double.kill();
    await double.restart();
    expect((await shown(1)).map((one) => one.revision)).toEqual([2n]);
    expect(await idsOf(store, stream)).toHaveLength(1);
  });

  it('keeps what else the metadata says, and what others write to it at the same time', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', events(6));
    await client.setStreamMetadata(stream, { maxAge: 86_400, owner: 'ops', acl: { readRoles: ['$all'] } });
    await store.truncate(stream, 2n);
    const kept = { maxAge: 86_400, owner: 'ops', acl: { readRoles: ['$all'] } };
    expect(await metadataOf(stream)).toEqual({ ...kept, truncateBefore: 2 });
    await Promise.all([3n, 5n, 4n, 5n, 2n].map((before) => store.truncate(stream, before)));
    expect(await metadataOf(stream)).toEqual({ ...kept, truncateBefore: 5 });
  });

  it('writes no metadata where nothing is left to do', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', events(3));
    await store.truncate(stream, 2n);
    await store.truncate(stream, 2n);
    await store.truncate(stream, 1n);
    const written = await collect(client.readStream(`$$${stream}`));
    expect(written.map((one) => one.event?.revision)).toEqual([0n]);
  });

  it('a stream that was deleted softly has nothing to truncate', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', events(3));
    await client.deleteStream(stream);
    await store.truncate(stream, 2n);
    expect(await idsOf(store, stream)).toEqual([]);
  });

  it('needs the right to write the metadata; a reader is denied', async () => {
    const users = {
      admin: { password: 'admin', groups: ['$admins'] },
      auditor: { password: 'auditor', groups: [] },
    };
    // The client sends no credentials in plain text.
    const tls = await makeTestCertificate();
    const guarded = await KurrentDbDouble.start({ users, tls });
    const admin = KurrentDBClient.connectionString(guarded.url('admin:admin'));
    const owner = await openEventStore(guarded.url('admin:admin'));
    const auditor = await openEventStore(guarded.url('auditor:auditor'));
    const stream = freshStream();
    await owner.append(stream, 'no_stream', events(2));
    await admin.setStreamMetadata(stream, { acl: { metaWriteRoles: ['$admins'] } });
    expect(await errorOf(auditor.truncate(stream, 1n))).toMatchObject({ code: 'access-denied' });
    expect(await idsOf(owner, stream)).toHaveLength(2);
    await owner.truncate(stream, 1n);
    expect(await idsOf(owner, stream)).toHaveLength(1);
    await Promise.all([owner.close(), auditor.close(), admin.dispose()]);
    await guarded.stop();
    await rm(tls.folder, { recursive: true });
  });

  it('a server that is away: unavailable within the time; back again, the same call succeeds', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', events(2));
    await double.kill();
    const before = performance.now();
    expect(await errorOf(store.truncate(stream, 1n, { timeoutMs: 1_000 }))).toMatchObject({
      code: 'unavailable',
    });
    expect(performance.now() - before).toBeLessThan(5_000);
    await double.restart();
    await store.truncate(stream, 1n);
    expect(await idsOf(store, stream)).toHaveLength(1);
  });
});
