import { Agent, request } from 'node:http';
import { waitFor } from '@mcpstack/local-servers';
import { Harness } from './harness.ts';

const refused = (harness: Harness): Promise<boolean> =>
  harness.call('GET', '/health/live').then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );

describe('shutdown', () => {
  it('finishes what it took, closes idle connections, and takes no more', async () => {
    const harness = await Harness.start();
    const token = await harness.login();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    // An idle keep-alive connection of a client that does not go away.
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${harness.url}/health/live`, { agent }, (response) => {
        response.resume().on('end', resolve);
      });
      sent.on('error', reject).end();
    });
    let release = (): void => undefined;
    const taken = new Promise<void>((resolve) => {
      harness.issuance.override = () => {
        resolve();
        return new Promise((answer) => (release = () => answer({ position: '9' })));
      };
    });
    const running = harness.call('DELETE', `${harness.keysPath}/key_1`, { token });
    await taken;
    const startMs = performance.now();
    const stopped = harness.app.close();
    await waitFor(() => refused(harness), { what: 'the server to take no more' });
    release();
    const answer = await running;
    expect(answer.status).toBe(204);
    expect(answer.headers['connection']).toBe('close');
    await stopped;
    expect(performance.now() - startMs).toBeLessThan(3_000);
    agent.destroy();
    await harness.stop();
  });
});
