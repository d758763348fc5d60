/** What `mcpstack webhooks` prints where, and with which code it ends. */
import { FakeApi } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

const WEBHOOK = 'whk_8i0K2m4O6q8S0u2W4y6A8c';
const AT = '2030-01-31T12:00:00.000Z';
const ATTEMPT = { at: AT, messageId: 'm-1', type: 'Ping', attempt: 1, durationMs: 12 };

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const cli = (line: string) => runCli(line.split(' '), { api });

describe('mcpstack webhooks', () => {
  it('create prints the secret alone on stdout, and the rest beside it', async () => {
    const { code, stdout, stderr } = await cli('webhooks create --url https://siem.example.com/in');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^whsec_[0-9A-Za-z+/=]+\n$/)]);
    expect(stderr).toMatch(/Created the webhook/);
    expect(stderr).not.toMatch(/whsec_/);
  });

  it('create of a type that is none says which was meant, and asks nothing', async () => {
    const { code, stderr } = await cli('webhooks create --url https://a.example.com --event KeyRevokd');
    expect([code, stderr]).toEqual([2, expect.stringContaining('KeyRevoked')]);
    expect(api.last('createWebhook')).toBeUndefined();
  });

  it('test ends with 1 where the message was not taken', async () => {
    api.on('testWebhook', () => ({ body: { ...ATTEMPT, ok: false, status: 500, reason: 'no 2xx' } }));
    const failed = await cli(`webhooks test ${WEBHOOK}`);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('no 2xx')]);
    api.on('testWebhook', () => ({ body: { ...ATTEMPT, ok: true, status: 204 } }));
    expect((await cli(`webhooks test ${WEBHOOK}`)).code).toBe(0);
  });

  it('replay takes a position or a time, one of the two', async () => {
    for (const options of ['', ' --position 1 --time 2030-01-31T12:00:00Z'])
      expect((await cli(`webhooks replay ${WEBHOOK}${options}`)).code).toBe(2);
    await cli(`webhooks replay ${WEBHOOK} --position 1841`);
    expect(api.last('replayWebhook')!.body).toEqual({ position: '1841' });
  });

  it('deliveries tell of a gap, and why a message was not taken', async () => {
    const replayed = { after: '7', at: AT, requestId: 'r-7' };
    const progress = { position: '41', waiting: 1, gap: { after: '3', before: '30', at: AT }, replayed };
    const attempt = { ...ATTEMPT, ok: false, reason: 'the receiver did not answer in time' };
    api.on('listWebhookDeliveries', () => ({ body: { progress, data: [attempt] } }));
    const { stdout } = await cli(`webhooks deliveries ${WEBHOOK}`);
    expect(stdout).toContain('events between 3 and 30');
    expect(stdout).toMatch(/Told again: after 7, .* by request r-7/);
    expect(stdout).toContain('the receiver did not answer in time');
    const { stdout: json } = await cli(`webhooks deliveries ${WEBHOOK} --json`);
    expect(JSON.parse(json)).toEqual({ progress, data: [attempt] });
  });
});
