/** G7 with a real process: what it counted reaches issuance, whatever issuance does. */
import {
  COMMAND_SUBJECTS,
  VERIFY_BATCH_SUBJECT,
  type CommandEnvelope,
  type RecordUsageInput,
  type VerifyReply,
} from '@mcpstack/contracts';
import { until, World, type TestKey } from './world.ts';

let world: World;
let key: TestKey;
/** What a stand-in for issuance received, in order. */
let received: CommandEnvelope<RecordUsageInput>[];
/** How it treats the n-th command, from 0. */
let treat: (n: number) => 'take' | 'take, answer lost' | 'refuse for now';

beforeAll(async () => {
  world = await World.start();
  await world.project();
  key = await world.createKey();
  world.nats.subscribe(COMMAND_SUBJECTS.recordUsage, {
    callback: (_, message) => {
      const { id, data } = message.json<{ id: string; data: CommandEnvelope<RecordUsageInput> }>();
      const how = treat(received.length);
      received.push(data);
      if (how === 'take, answer lost') return;
      const answer =
        how === 'take'
          ? { response: { position: '1' } }
          : { err: { code: 'unavailable', message: 'Later.' } };
      message.respond(JSON.stringify({ id, ...answer, isDisposed: true }));
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => {
  received = [];
  treat = () => 'take';
});

/** As issuance does: one command id counts once. */
function recorded(commands = received): number {
  const byId = new Map(commands.map(({ commandId, input }) => [commandId, input]));
  return delivered([...byId.values()]);
}
function delivered(inputs = received.map(({ input }) => input)): number {
  return inputs.flatMap(({ windows }) => windows).reduce((sum, { count }) => sum + count, 0);
}

async function withAuthorizer(act: () => Promise<void>, more?: Record<string, string>): Promise<string[]> {
  const { child, ready } = await world.startAuthorizer(more);
  try {
    await until('ready', async () => (await ready()).status === 200);
    await act();
  } finally {
    await child.stop({ graceMs: 15_000 });
    expect(await child.exited).toMatchObject({ code: 0 });
  }
  return child.lastLines(100);
}
const use = async (times: number): Promise<void> => {
  const replies = await Promise.all(Array.from({ length: times }, () => world.verify({ key: key.token })));
  expect(replies.every(({ valid }) => valid)).toBe(true);
};

it('a first use is recorded within a second; a clean stop loses none', async () => {
  await withAuthorizer(async () => {
    await use(1);
    await until('a first use', () => Promise.resolve(received.length > 0), 1_500);
    expect(received[0]).toMatchObject({
      actor: { type: 'system', id: 'authorizer' },
      input: { windows: [{ keyId: key.id, organizationId: key.organizationId, count: 1 }] },
    });
    await use(250);
  });
  expect(recorded()).toBe(251);
});

it('counted once although issuance took it and its answer was lost; the control counts deliveries', async () => {
  treat = (n) => (n === 0 ? 'take, answer lost' : 'take');
  await withAuthorizer(async () => {
    await use(10);
    await until('the first try', () => Promise.resolve(received.length > 0));
  });
  expect(recorded()).toBe(10);
  expect(delivered()).toBe(20);
});

it('issuance away: checks go on, and the counts arrive once it is back', async () => {
  treat = (n) => (n < 3 ? 'refuse for now' : 'take');
  await withAuthorizer(async () => {
    await use(5);
    await until('tries', () => Promise.resolve(received.length >= 2));
    await use(5);
  });
  const taken = received.slice(3);
  expect(recorded(taken)).toBe(10);
});

it('USAGE_MAX_KEYS: uses of more keys than that are not counted, and it is said how many', async () => {
  const others = [await world.createKey(), await world.createKey()];
  const requests = [key, ...others].map(({ token }) => ({ key: token }));
  const useAll = async (): Promise<void> => {
    const reply = await world.nats.request(VERIFY_BATCH_SUBJECT, JSON.stringify({ requests }));
    expect(reply.json<{ replies: VerifyReply[] }>().replies.every(({ valid }) => valid)).toBe(true);
  };
  const lines = await withAuthorizer(useAll, { USAGE_MAX_KEYS: '1' });
  expect(recorded()).toBe(1);
  expect(lines.some((line) => /uses were not recorded/.test(line) && /"count":2\b/.test(line))).toBe(true);
  received = [];
  // The control: there is room for all.
  await withAuthorizer(useAll);
  expect(recorded()).toBe(3);
});
