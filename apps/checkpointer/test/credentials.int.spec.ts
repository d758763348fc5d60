/** The service's credentials: it may append its own checkpoints and nothing else, and reads no profile less for it. */
import { openEventStore } from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { Checkpointer } from '../src/checkpointer.ts';
import { newKey, signersOf } from '../src/key-file.ts';
import { audit } from './oracle.ts';
import { startNats, waitFor } from './world.ts';

const API = '$JS.API';
/** What docs/event-log-jetstream.md lists. */
const READING = [
  `${API}.STREAM.INFO.mcpstack_log`,
  `${API}.STREAM.MSG.GET.mcpstack_log`,
  `${API}.CONSUMER.*.mcpstack_log`,
  `${API}.CONSUMER.*.mcpstack_log.*`,
  `${API}.CONSUMER.MSG.NEXT.mcpstack_log.*`,
];
const SIGNING = [...READING, 'mcpstack.log.checkpoint.*'];
const may = (user: string, publish: string[]) =>
  `user: ${user}, permissions: ${JSON.stringify({ publish, subscribe: [`_INBOX_${user}.>`] })}`;
const event = { id: crypto.randomUUID(), type: 'KeyRenamed', data: { name: 'n' }, metadata: {} };

it('G9: the checkpointer signs with credentials that append to its own stream alone', async () => {
  const server = await startNats({
    config: `authorization { users = [
      { password: w, ${may('writer', ['mcpstack.log.>', `${API}.STREAM.CREATE.mcpstack_log`, ...READING])} },
      { password: c, ${may('checkpointer', SIGNING)} } ] }`,
  });
  const at = (login: string) => openEventStore(server.url.replace('://', `://${login}@`));
  const writer = await at('writer:w');
  await writer.append('key-a', 'no_stream', [event]);
  const store = await at('checkpointer:c');
  const logId = await store.logId();
  const origin = `mcpstack-keys/${logId}`;
  const checkpointer = new Checkpointer({
    store,
    logId,
    origin,
    signers: signersOf({ keys: [newKey('a')] }, origin),
    log: new Log('spec', 'silent'),
    intervalMs: 30,
  });
  checkpointer.start();
  await waitFor(() => checkpointer.status().size === 1, { what: 'the event to be covered' });
  expect(await audit(writer)).toHaveLength(1);
  // Control: nothing else takes its word.
  for (const stream of ['key-b', 'user-user_1'])
    await expect(store.append(stream, 'no_stream', [event])).rejects.toMatchObject({ code: 'access-denied' });
  await checkpointer.stop();
  await Promise.all([store.close(), writer.close()]);
  await server.stop();
});
