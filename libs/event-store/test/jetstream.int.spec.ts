/** What only the JetStream adapter promises, and what its promises rest on in the server. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { startNats } from '@mcpstack/local-servers';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import type { Connection } from '../src/jetstream/connection.ts';
import { Deadline } from '../src/jetstream/deadline.ts';
import type { JetStreamLog } from '../src/jetstream/jetstream-log.ts';
import type { LogStream } from '../src/jetstream/log-stream.ts';
import type { ContractServer } from './contract.ts';
import { follow } from './contract/subscribe.ts';
import {
  collect,
  errorOf,
  event,
  events,
  eventually,
  freshCategory,
  freshStream,
  idsOf,
  persistently,
  take,
} from './contract/tools.ts';
import { startJetStream } from './jetstream-server.ts';
import { Proxy } from './proxy.ts';

const soon = () => new Deadline(5_000);
const logOf = (store: EventStore): LogStream => (store as JetStreamLog).log;
const connectionOf = (store: EventStore): Connection => logOf(store).connection;

describe('the JetStream log', () => {
  let server: ContractServer;
  let store: EventStore;
  /** A log of its own for what does not belong into one. */
  let raw: EventStore;

  beforeAll(async () => {
    server = await startJetStream();
    store = await server.open();
    raw = await server.open({ streamName: 'raw_log' });
  });
  afterAll(() => server.stop());

  /** Publishes as the adapter does, but with these headers only. */
  async function publish(stream: string, wanted: Record<string, string>) {
    const all = headers();
    for (const [name, value] of Object.entries(wanted)) all.set(name, value);
    const { nats } = connectionOf(raw);
    const answer = await nats.request(logOf(raw).subjectOf(stream), '[]', { timeout: 5_000, headers: all });
    return answer.json<{ seq?: number; duplicate?: boolean; error?: { err_code: number } }>();
  }

  async function change(config: Record<string, unknown>): Promise<void> {
    const info = await logOf(raw).info(soon());
    await logOf(raw).call('STREAM.UPDATE', { ...info.config, ...config }, soon());
  }

  describe('what the server does', () => {
    it('a wrong expected sequence is refused with 10071; without one, two writers both win (control)', async () => {
      const stream = freshStream();
      const none = { 'Nats-Expected-Last-Subject-Sequence': '0' };
      const [first, second] = [await publish(stream, none), await publish(stream, none)];
      expect(first.seq).toBeGreaterThan(0);
      expect(second.error).toMatchObject({ err_code: 10071 });
      expect((await publish(stream, {})).seq).toBeGreaterThan(first.seq!);
    });

    it('a known message id is answered as a duplicate before the sequence is looked at', async () => {
      const stream = freshStream();
      const once = { 'Nats-Msg-Id': stream, 'Nats-Expected-Last-Subject-Sequence': '0' };
      const first = await publish(stream, once);
      expect(await publish(stream, once)).toMatchObject({ seq: first.seq, duplicate: true });
    });

    it('G2: beyond the window the server writes an id again (control); an append still stands once', async () => {
      await change({ duplicate_window: 100 * 1e6 });
      const stream = freshStream();
      const batch = events(2);
      const first = await raw.append(stream, 'no_stream', batch);
      const control = { 'Nats-Msg-Id': stream };
      const { seq } = await publish(freshStream(), control);
      let again = await publish(freshStream(), control);
      while (again.duplicate) again = await publish(freshStream(), control);
      expect(again.seq).toBeGreaterThan(seq!);

      const other = await server.open({ streamName: 'raw_log' });
      expect(await other.append(stream, 'no_stream', batch)).toEqual(first);
      expect(await idsOf(other, stream)).toHaveLength(2);
      await other.close();
    });
  });

  describe('lost on the way', () => {
    let proxy: Proxy;
    let behind: EventStore;
    beforeAll(async () => {
      proxy = await Proxy.to(server.url);
      behind = await openEventStore(proxy.through(server.url));
    });
    afterAll(async () => {
      await behind.close();
      proxy.close();
    });

    it.each(['request', 'answer'] as const)(
      'G2: a lost %s of an append is settled within the call',
      async (lost) => {
        const stream = freshStream();
        const batch = events(2);
        const sprung = proxy.loseOnce(batch[0]!.id, lost);
        const answer = await behind.append(stream, 'no_stream', batch);
        await sprung;
        const read = await collect(store.readStream(stream));
        expect(read.map((one) => one.id)).toEqual(batch.map((one) => one.id));
        expect(answer).toEqual({ revision: 1n, position: read[1]!.position });
      },
    );

    it('G2: a rival who was first behind a lost request is a conflict, not a success', async () => {
      const stream = freshStream();
      const mine = events(1);
      const sprung = proxy.loseOnce(mine[0]!.id, 'request');
      const answer = errorOf(behind.append(stream, 'no_stream', mine));
      await sprung;
      await store.append(stream, 'no_stream', events(1));
      expect(await answer).toMatchObject({ code: 'conflict', actual: 0n });
    });

    it('G2: nothing is sent later than its caller was told that it failed', async () => {
      const stream = freshStream();
      proxy.cut();
      await errorOf(behind.head({ timeoutMs: 300 }));
      const error = await errorOf(behind.append(stream, 'no_stream', events(1), { timeoutMs: 300 }));
      expect(error).toMatchObject({ code: 'unavailable', inDoubt: false });
      proxy.mend();
      expect(await collect(behind.readStream(stream))).toEqual([]);
      expect(await store.append(stream, 'no_stream', events(1))).toMatchObject({ revision: 0n });
    });

    it('G4: the connection comes back though the wall clock was set back', async () => {
      const realNow = Date.now;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => realNow() - 3_600_000);
      try {
        proxy.cut();
        proxy.mend();
        await persistently(() => behind.head());
      } finally {
        clock.mockRestore();
      }
    });

    it('G5: a subscription misses nothing while it is cut off; a plain NATS one does (control)', async () => {
      const category = freshCategory();
      const stream = freshStream(category);
      const one = follow(behind, { categories: [category] });
      const plain: string[] = [];
      connectionOf(behind).nats.subscribe(logOf(behind).subjectOf(stream), {
        callback: (_, message) => {
          plain.push(...message.json<{ id: string }[]>().map(({ id }) => id));
        },
      });
      await connectionOf(behind).nats.flush();
      const all = events(6);
      await store.append(stream, 'no_stream', all.slice(0, 2));
      await eventually(() => one.seen.length === 2 && plain.length === 2, 'the first events');
      proxy.cut();
      await eventually(() => one.states.includes('interrupted'), 'the cut');
      await store.append(stream, 1n, all.slice(2, 4));
      proxy.mend();
      await eventually(() => one.states.at(-1) === 'live', 'live again');
      await store.append(stream, 3n, all.slice(4));
      await eventually(() => one.seen.length >= 6, 'the last events');
      await one.stop();
      expect(one.seen.map((seen) => seen.id)).toEqual(all.map((wanted) => wanted.id));
      expect(plain).not.toContain(all[2]!.id);
    });
  });

  describe('subscriptions', () => {
    it('leave no consumer behind when they end', async () => {
      const tidy = await server.open({ streamName: 'tidy_log' });
      const consumers = async () => (await logOf(tidy).info(soon())).state.consumer_count;
      const category = freshCategory();
      await tidy.append(freshStream(category), 'no_stream', events(3));
      const one = follow(tidy, { categories: [category] });
      await eventually(() => one.seen.length === 3, 'the events');
      expect(await consumers()).toBe(1);
      await one.stop();
      for await (const seen of tidy.subscribe({ signal: new AbortController().signal })) {
        expect(seen).toBeDefined();
        break;
      }
      // Consumers are deleted without waiting for it.
      let left = await consumers();
      for (let looks = 0; left > 0 && looks < 1_000; looks += 1) left = await consumers();
      expect(left).toBe(0);
    });

    it('go on where they were when the server forgets their consumer, idle or in the middle of a batch', async () => {
      const category = freshCategory();
      const stream = freshStream(category);
      const all = events(600);
      for (let n = 0; n < 600; n += 1) {
        await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [all[n]!]);
      }
      const seen: string[] = [];
      const states: string[] = [];
      const stop = new AbortController();
      const onState = (state: string) => void states.push(state);
      for await (const one of store.subscribe({ categories: [category], signal: stop.signal, onState })) {
        seen.push(one.id);
        if ([10, 300, 600].includes(seen.length)) {
          const { consumers } = await logOf(store).call<{ consumers: string[] }>(
            'CONSUMER.NAMES',
            {},
            soon(),
          );
          for (const name of consumers) await logOf(store).call('CONSUMER.DELETE', {}, soon(), `.${name}`);
        }
        if (seen.length === 600) {
          const last = event();
          all.push(last);
          await store.append(stream, 599n, [last]);
        }
        if (seen.length === 601) stop.abort();
      }
      expect(seen).toEqual(all.map((one) => one.id));
      expect(states).toContain('interrupted');
    });
  });

  describe('what does not belong', () => {
    it('a message that the adapter did not write is refused, never skipped', async () => {
      const category = freshCategory();
      const stream = freshStream(category);
      await publish(stream, {});
      expect(await errorOf(collect(raw.readStream(stream)))).toMatchObject({ code: 'log-corrupt' });
      expect(await errorOf(raw.append(stream, 'no_stream', [event()]))).toMatchObject({
        code: 'log-corrupt',
      });
      await expect(follow(raw, { categories: [category] }).ended).rejects.toMatchObject({
        code: 'log-corrupt',
      });
    });

    it('two logs on one server know nothing of each other, and have other ids', async () => {
      const other = await server.open({ streamName: 'other_log' });
      const stream = freshStream();
      await other.append(stream, 'no_stream', events(2));
      expect(await collect(store.readStream(stream))).toEqual([]);
      expect(await collect(other.readStream(stream))).toHaveLength(2);
      expect(await other.logId()).not.toBe(await store.logId());
    });

    it('a log that was made anew has another id', async () => {
      const one = await server.open({ streamName: 'fleeting_log' });
      const id = await one.logId();
      await logOf(one).call('STREAM.DELETE', {}, soon());
      expect(await errorOf(one.logId({ timeoutMs: 500 }))).toMatchObject({ code: 'unavailable' });
      const again = await server.open({ streamName: 'fleeting_log' });
      expect(await again.logId()).not.toBe(id);
    });

    it('a stream that would drop events is no log, and the error says what to set', async () => {
      const config = { name: 'short_log', subjects: ['short.log.*.*'], storage: 'file', max_age: 3600 * 1e9 };
      await connectionOf(store).api('$JS.API.STREAM.CREATE.short_log', config, soon());
      const error = await errorOf(server.open({ streamName: 'short_log' }));
      expect(error).toMatchObject({ code: 'bad-url' });
      expect(error.message).toMatch(/short_log is no event log: its discard is "old", not "new"/);
    });

    it('many who open at once make one log', async () => {
      const all = await Promise.all(
        Array.from({ length: 8 }, () => server.open({ streamName: 'crowd_log' })),
      );
      expect(new Set(await Promise.all(all.map((one) => one.logId()))).size).toBe(1);
    });
  });
});

describe('a server that cannot hold the log is named in one sentence', () => {
  it('without JetStream', async () => {
    const server = await startNats({ jetstream: false });
    const error = await errorOf(openEventStore(server.url));
    await server.stop();
    expect(error).toMatchObject({ code: 'bad-url' });
    expect(error.message).toContain('has no JetStream: start it with jetstream enabled');
  });

  it('too old', async () => {
    const old = createServer((socket) => {
      socket.write(
        'INFO {"server_id":"x","version":"2.8.4","proto":1,"max_payload":1048576,"headers":true}\r\n',
      );
      socket.on('data', (chunk) => chunk.includes('PING') && socket.write('PONG\r\n'));
      socket.on('error', () => undefined);
    });
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    const error = await errorOf(openEventStore(`nats://127.0.0.1:${(old.address() as AddressInfo).port}`));
    old.close();
    expect(error).toMatchObject({ code: 'bad-url' });
    expect(error.message).toContain('is 2.8.4, which is too old for the event log: install 2.9 or newer');
  });

  it('that accepts and says nothing', async () => {
    const silent = createServer((socket) => socket.resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const began = performance.now();
    const error = await errorOf(openEventStore(`nats://user:topsecret@127.0.0.1:${port}`));
    silent.close();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(error.message).toContain(`No NATS server answers at 127.0.0.1:${port}: start one there`);
    expect(inspect(error, { depth: 10 })).not.toContain('topsecret');
  });

  it('with small messages: appends that fit go through, others name the setting', async () => {
    const server = await startNats({ config: 'max_payload: 65536' });
    const store = await openEventStore(server.url);
    const stream = freshStream();
    await store.append(stream, 'no_stream', [event({ text: 'x'.repeat(60_000) })]);
    const error = await errorOf(store.append(stream, 0n, [event({ text: 'x'.repeat(70_000) })]));
    expect(error).toMatchObject({ code: 'append-too-large' });
    expect(error.message).toContain('set max_payload: 4MB');
    expect(await idsOf(store, stream)).toHaveLength(1);
    await store.close();
    await server.stop();
  });

  it('a token is a credential too; one that may only read is told so', async () => {
    // The permissions that docs/event-log-jetstream.md lists.
    const api = '$JS.API';
    const reading = [
      `${api}.STREAM.INFO.mcpstack_log`,
      `${api}.STREAM.MSG.GET.mcpstack_log`,
      `${api}.CONSUMER.*.mcpstack_log`,
      `${api}.CONSUMER.*.mcpstack_log.*`,
      `${api}.CONSUMER.MSG.NEXT.mcpstack_log.*`,
    ];
    const writing = ['mcpstack.log.>', `${api}.STREAM.CREATE.mcpstack_log`, ...reading];
    const may = (user: string, publish: string[]) =>
      `user: ${user}, permissions: ${JSON.stringify({ publish, subscribe: [`_INBOX_${user}.>`] })}`;
    const server = await startNats({
      config: `authorization { users = [
        { password: w, ${may('writer', writing)} },
        { password: a, ${may('auditor', reading)} },
        { password: p, ${may('peeker', reading.slice(0, 2))} } ] }`,
    });
    const at = (login: string) => openEventStore(server.url.replace('://', `://${login}@`));
    const writer = await at('writer:w');
    const stream = freshStream();
    await writer.append(stream, 'no_stream', events(3));
    const auditor = await at('auditor:a');
    expect(await idsOf(auditor, stream)).toHaveLength(3);
    expect(await errorOf(auditor.append(stream, 2n, events(1)))).toMatchObject({ code: 'access-denied' });
    expect(await take(auditor, 3, {})).toHaveLength(3);
    const peeker = await at('peeker:p');
    expect(await peeker.head()).toBe(await writer.head());
    await expect(follow(peeker, {}).ended).rejects.toMatchObject({ code: 'access-denied' });
    await Promise.all([writer.close(), auditor.close(), peeker.close()]);
    await server.stop();

    const tokened = await startNats({ token: 'right-token' });
    const url = (token: string) => tokened.url.replace('://', `://${token}@`);
    const store = await openEventStore(url('right-token'));
    expect(await store.head()).toBe(-1n);
    const denied = await errorOf(openEventStore(url('wrong-secret')));
    expect(denied).toMatchObject({ code: 'access-denied' });
    expect(inspect(denied, { depth: 10 })).not.toContain('wrong-secret');
    await store.close();
    await tokened.stop();
  });
});
