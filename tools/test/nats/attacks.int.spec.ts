/**
 * What permissions alone do not stop, because a server or a service publishes for somebody else: answers and
 * acknowledgements on subjects that the asker chose. Each attack is shown to work where its bar is taken away.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { natsInboxPrefix, VERIFY_SUBJECT } from '@mcpstack/contracts';
import { startGuardedNats, type GuardedNats } from './server.ts';

const SECRET = 'the-secret-in-the-reply';
const SESSIONS = 'mcpstack_login_sessions';
const LOG = 'mcpstack_log';

let nats: GuardedNats;
let open: NatsConnection[] = [];

async function as(user: string): Promise<NatsConnection> {
  const options = {
    servers: nats.address,
    user,
    pass: nats.password(user),
    inboxPrefix: natsInboxPrefix(user)!,
  };
  const connection = await connect(options);
  open.push(connection);
  return connection;
}

const manager = (connection: NatsConnection) => jetstreamManager(connection, { checkAPI: false });
/** The server handles what a client sends in order; what comes of it in JetStream is there a moment later. */
const settled = async (...connections: NatsConnection[]) => {
  for (let round = 0; round < 3; round += 1) for (const one of connections) await one.flush();
};

async function withNats<T>(change: (text: string) => string, act: () => Promise<T>): Promise<T> {
  nats = await startGuardedNats((text, file) => (file === 'keys-users.conf' ? change(text) : text));
  try {
    return await act();
  } finally {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await nats.stop();
    open = [];
  }
}

/** Sessions that stand after a verifier asked for the authorizer's answer where a purge of them is asked for. */
async function afterAnswer(): Promise<number> {
  const gateway = await as('gateway');
  await (await new Kvm(gateway).create(SESSIONS, { allow_direct: false })).put('user.session', 'alive');
  const authorizer = await as('authorizer');
  const queue = 'authorizer';
  let asked = () => {};
  const answered = new Promise<void>((resolve) => (asked = resolve));
  authorizer.subscribe(VERIFY_SUBJECT, {
    queue,
    callback: (_, message) => {
      message.respond(JSON.stringify({ valid: false, code: 'MALFORMED' }));
      asked();
    },
  });
  await authorizer.flush();
  const verifier = await as('verifier');
  verifier.publish(VERIFY_SUBJECT, '{}', { reply: `$JS.API.STREAM.PURGE.KV_${SESSIONS}` });
  await answered;
  await settled(authorizer, gateway);
  return (await (await manager(gateway)).streams.info(`KV_${SESSIONS}`)).state.messages;
}

/** Events that stand after somebody who writes was acknowledged where a purge of the log is asked for. */
async function afterAcknowledgement(user: string, subject: string): Promise<number> {
  const issuance = await as('issuance-log');
  const streams = (await manager(issuance)).streams;
  await streams.add({ name: LOG, subjects: ['mcpstack.log.*.*'] });
  await issuance.request('mcpstack.log.key.x', 'KeyCreated');
  const writer = await as(user);
  if (subject.startsWith('$KV'))
    await new Kvm(writer).create(subject.split('.')[1]!, { allow_direct: false });
  writer.publish(subject, 'mine', { reply: `$JS.API.STREAM.PURGE.${LOG}` });
  await settled(writer, issuance);
  // Its own write, after the purge if there was one, is not counted.
  const { subjects = {} } = (await streams.info(LOG, { subjects_filter: 'mcpstack.log.key.*' })).state;
  return Object.values(subjects).reduce((sum, count) => sum + count, 0);
}

/** What a verifier hears of the answer to the gateway's command. */
async function overheard(): Promise<string[]> {
  const heard: string[] = [];
  const verifier = await as('verifier');
  for (const subject of ['_INBOX_gateway.>', '_INBOX.>', '>', 'mcpstack.issuance.v1.create-key'])
    verifier.subscribe(subject, { callback: (error, it) => void (error ?? heard.push(it.string())) });
  await verifier.flush();
  const issuance = await as('issuance');
  const queue = 'issuance';
  issuance.subscribe('mcpstack.issuance.v1.create-key', {
    queue,
    callback: (_, it) => void it.respond(SECRET),
  });
  await issuance.flush();
  const gateway = await as('gateway');
  expect((await gateway.request('mcpstack.issuance.v1.create-key', '{}')).string()).toBe(SECRET);
  await verifier.flush();
  return heard;
}

const asDeployed = (text: string) => text;

describe('an answer where the asker wants a command to the server', () => {
  it('is not published', () => withNats(asDeployed, async () => expect(await afterAnswer()).toBe(1)));

  // Negative control: what NATS offers for answers in general.
  it('would be with allow_responses', () => {
    const open = (text: string) =>
      text.replace(
        /(user: authorizer[\s\S]*?permissions: \{\n)/,
        '$1      allow_responses: { max: 1, expires: "30s" }\n',
      );
    return withNats(open, async () => expect(await afterAnswer()).toBe(0));
  });
});

describe('an acknowledgement where the writer wants a purge of the log', () => {
  it('reaches no log from the account of requests and buckets', () =>
    withNats(asDeployed, async () =>
      expect(await afterAcknowledgement('webhooks', '$KV.mcpstack_webhooks.w1')).toBe(1),
    ));

  // Negative control, and what docs/nats.md says of the checkpointer: in the log's own account it does.
  it('would from its own account', () =>
    withNats(asDeployed, async () =>
      expect(await afterAcknowledgement('checkpointer', 'mcpstack.log.checkpoint.x')).toBe(0),
    ));
});

describe('the answer to a command, with a secret in it', () => {
  it('is heard by nobody else', () =>
    withNats(asDeployed, async () => expect(await overheard()).toEqual([])));

  // Negative control.
  it('would be with an inbox that is shared', () => {
    const shared = (text: string) =>
      text.replace('"_INBOX_verifier.>"\n      ] }\n    }', '"_INBOX_gateway.>"\n      ] }\n    }');
    return withNats(shared, async () => expect(await overheard()).toEqual([SECRET]));
  });
});

it('a bucket that is there takes no other subjects, and tells nobody else', () =>
  withNats(asDeployed, async () => {
    const webhooks = await as('webhooks');
    const { streams } = await manager(webhooks);
    const own = '$KV.mcpstack_webhooks.>';
    const commands = { name: 'KV_mcpstack_webhooks', subjects: [own, 'mcpstack.issuance.>'] };
    const told = {
      ...commands,
      subjects: [own],
      republish: { src: own, dest: 'mcpstack.issuance.v1.>' },
    };
    await new Kvm(webhooks).create('mcpstack_webhooks', { allow_direct: false });
    for (const config of [commands, told])
      await expect(streams.add(config)).rejects.toThrow(/already in use/);
  }));
