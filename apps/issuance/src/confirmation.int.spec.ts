import {
  CONFIRM_SUBJECT,
  type ProblemError,
  withMargin,
  type ConfirmReply,
  type ConfirmRequest,
} from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { connectNats, Log } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Confirmation } from './confirmation.ts';

const DELTA_MS = 60;
const FINAL_TIMEOUT_MS = 900;

let server: LocalServer;
let nats: NatsConnection;
let confirmation: Confirmation;
const asked: ConfirmRequest[] = [];

beforeAll(async () => {
  server = await startNats();
  nats = await connectNats(server.url, 'spec');
  const log = new Log('spec', 'silent');
  confirmation = new Confirmation(nats, { deltaMs: DELTA_MS, finalTimeoutMs: FINAL_TIMEOUT_MS }, log);
});
afterAll(async () => {
  await nats.close();
  await server.stop();
});
beforeEach(() => asked.splice(0));

/** A stand-in for the active projection while `act` runs; answers what `answer` says, or nothing. */
async function withProjection(answer: (count: number) => unknown, act: () => Promise<void>): Promise<void> {
  const subscription = nats.subscribe(CONFIRM_SUBJECT, {
    callback: (_error, message) => {
      asked.push(message.json<ConfirmRequest>());
      const reply = answer(asked.length);
      if (reply !== undefined) message.respond(JSON.stringify(reply));
    },
  });
  await nats.flush();
  try {
    await act();
  } finally {
    subscription.unsubscribe();
  }
}

async function took(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}
const codeOf = (act: Promise<unknown>) => act.then(() => 'done').catch((error: ProblemError) => error.code);
const yes: ConfirmReply = { confirmed: true };

describe('final (G3)', () => {
  it('comes after the confirmation, and Δ with its margin after that', () =>
    withProjection(
      () => yes,
      async () => {
        expect(await took(() => confirmation.final(7n, 'r'))).toBeGreaterThanOrEqual(
          withMargin(DELTA_MS) - 1,
        );
        expect(asked).toMatchObject([{ position: '7', need: 'final' }]);
        expect(asked[0]!.timeoutMs).toBeLessThan(FINAL_TIMEOUT_MS);
      },
    ));

  it('control: without the wait for Δ it would come too early', () =>
    withProjection(
      () => yes,
      async () => {
        const times = { deltaMs: 0, finalTimeoutMs: FINAL_TIMEOUT_MS };
        const hasty = new Confirmation(nats, times, new Log('spec', 'silent'));
        const tries: number[] = [];
        for (let count = 0; count < 5; count += 1) tries.push(await took(() => hasty.final(7n, 'r')));
        expect(Math.min(...tries)).toBeLessThan(withMargin(DELTA_MS) - 1);
      },
    ));

  it('asks again while a projection takes over', () =>
    withProjection(
      (count) => (count < 3 ? { confirmed: false, reason: 'the session is young' } : yes),
      async () => {
        await confirmation.final(7n, 'r');
        expect(asked).toHaveLength(3);
      },
    ));

  it.each<[string, unknown]>([
    ['no', { confirmed: false }],
    ['nothing', undefined],
    ['null', null],
    ['something else', { confirmed: 'true' }],
    ['an array', [true]],
  ])('is never said when the projection answers %s: not-final, within the deadline', (_what, reply) =>
    withProjection(
      () => reply,
      async () => {
        const ms = await took(async () =>
          expect(await codeOf(confirmation.final(7n, 'r'))).toBe('not-final'),
        );
        expect(ms).toBeLessThan(FINAL_TIMEOUT_MS + 4_000);
      },
    ),
  );

  it('nor when nobody is there to ask', async () => {
    expect(await codeOf(confirmation.final(7n, 'r'))).toBe('not-final');
  });
});

describe('visible (G6)', () => {
  it('is asked once', () =>
    withProjection(
      () => yes,
      async () => {
        await confirmation.visible(7n, 'r');
        expect(asked).toMatchObject([{ position: '7', need: 'visible' }]);
      },
    ));

  it('is given up without an error: at once when nobody is there, else after three seconds', async () => {
    expect(await took(() => confirmation.visible(7n, 'r'))).toBeLessThan(500);
    await withProjection(
      () => undefined,
      async () => expect(await took(() => confirmation.visible(7n, 'r'))).toBeLessThan(4_500),
    );
  });
});
