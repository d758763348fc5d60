import { Agent, request } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { waitFor } from '@mcpstack/local-servers';
import { Harness, type Answer } from './harness.ts';

const refused = (harness: Harness): Promise<boolean> =>
  harness.call('GET', '/health/live').then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );

/** An idle keep-alive connection of a client that does not go away. */
function idle(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/health/live`, { agent }, (response) => {
      response.resume().on('end', resolve);
    });
    sent.on('error', reject).end();
  });
}

/** Stops a gateway while issuance still works on a DELETE; answers what the caller got. */
async function stopWhileWorking(stop: (harness: Harness) => Promise<void>): Promise<Answer | Error> {
  const harness = await Harness.start();
  const token = await harness.login();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await idle(harness.url, agent);
  let release = (): void => undefined;
  const taken = new Promise<void>((resolve) => {
    harness.issuance.override = () => {
      resolve();
      return new Promise((answer) => (release = () => answer({ position: '9' })));
    };
  });
  const running = harness
    .call('DELETE', `${harness.keysPath}/key_1`, { token })
    .catch((error: unknown) => error as Error);
  await taken;
  const startMs = performance.now();
  const stopped = stop(harness);
  await waitFor(() => refused(harness), { what: 'the server to take no more' });
  release();
  const answer = await running;
  await stopped;
  expect(performance.now() - startMs).toBeLessThan(8_000);
  agent.destroy();
  await harness.stop();
  return answer;
}

describe('shutdown', () => {
  it('finishes what it took, closes idle connections, and takes no more', async () => {
    const answer = await stopWhileWorking((harness) => harness.app.close());
    expect(answer).toMatchObject({ status: 204, headers: { connection: 'close' } });
  });

  it('does not wait for clients that have connected and send nothing, or half a request', async () => {
    const harness = await Harness.start();
    const { hostname, port } = new URL(harness.url);
    const sockets = await Promise.all(
      ['', 'GET / HTTP/1.1\r\nHo'].map(
        (bytes) =>
          new Promise<Socket>((resolve) => {
            const socket = connectTcp(Number(port), hostname, () => {
              socket.write(bytes, () => resolve(socket));
            });
            socket.on('error', () => undefined);
          }),
      ),
    );
    // The server has seen them: it answers a request that came after.
    await harness.call('GET', '/health/live');
    const startMs = performance.now();
    await harness.app.close();
    expect(performance.now() - startMs).toBeLessThan(8_000);
    for (const socket of sockets) socket.destroy();
    await harness.stop();
  });

  it('control: cutting the connections loses the answer', async () => {
    const answer = await stopWhileWorking((harness) => {
      harness.app.getHttpServer().closeAllConnections();
      return harness.app.close();
    });
    expect(answer).toMatchObject({ code: 'ECONNRESET' });
  });
});
