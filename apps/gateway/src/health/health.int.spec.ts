import { Harness } from '../../test/harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.stop());

const ready = () => harness.call('GET', '/health/ready');

describe('health', () => {
  it('200: live and ready, without a credential', async () => {
    expect((await harness.call('GET', '/health/live')).body).toEqual({ status: 'live' });
    const { status, body } = await ready();
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ready',
      checks: { nats: 'ok', authorizer: 'ok', issuance: 'ok', projection: 'ok', 'read-models': 'ok' },
    });
    // The probe of issuance is refused there: it does nothing.
    expect(harness.issuance.commands).toHaveLength(0);
  });

  it.each<[string, (running: Harness) => void, object]>([
    [
      'the authorizer',
      ({ authorizer }) => authorizer.stop(),
      { authorizer: 'the authorizer does not answer' },
    ],
    ['issuance', ({ issuance }) => issuance.stop(), { issuance: 'issuance does not answer' }],
    ['the projection', ({ projection }) => projection.stop(), { projection: 'no projection is active' }],
    [
      'the projection’s confirmation',
      ({ projection }) => (projection.confirmed = false),
      { projection: 'behind' },
    ],
    [
      'trust in the read models',
      ({ models }) => (models.condition = 'untrusted'),
      { 'read-models': 'the read models are not proven to be live' },
    ],
    ['Redis', ({ models }) => (models.condition = 'away'), { 'read-models': 'gone' }],
  ])('503 without %s, and says so; live all the same', async (_, take, checks) => {
    take(harness);
    const { status, body } = await ready();
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'not-ready', checks });
    expect((await harness.call('GET', '/health/live')).status).toBe(200);
  });

  it('asks the others once a second, however often it is asked', async () => {
    await Promise.all(Array.from({ length: 50 }, ready));
    const probes = harness.authorizer.requests.length;
    expect(probes).toBeGreaterThanOrEqual(1);
    expect(probes).toBeLessThanOrEqual(3);
  });
});
