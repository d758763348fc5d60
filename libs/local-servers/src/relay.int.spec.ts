import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Relay } from './relay.ts';

/** A server that answers each line with its own name before it. */
async function startNamed(name: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(`${name}:${chunk.toString()}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

let first: { server: Server; port: number };
let second: { server: Server; port: number };
let relay: Relay;
const clients: Socket[] = [];
beforeAll(async () => {
  first = await startNamed('first');
  second = await startNamed('second');
  relay = await Relay.start(first.port);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await relay.stop();
  first.server.close();
  second.server.close();
});

function client(): Socket {
  const socket = connect({ port: relay.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  clients.push(socket);
  return socket;
}
async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

describe('a relay', () => {
  it('leads new connections to another server, and leaves the old ones where they are', async () => {
    const old = client();
    expect(await ask(old, 'a')).toBe('first:a');
    relay.targetPort = second.port;
    expect(await ask(client(), 'b')).toBe('second:b');
    expect(await ask(old, 'c')).toBe('first:c');
    relay.targetPort = first.port;
  });

  it.each(['up', 'down', 'both'] as const)(
    'holds what flows %s, and lets it arrive late',
    async (direction) => {
      const socket = client();
      await ask(socket, 'before');
      relay.hold(direction);
      const late = ask(socket, 'held');
      const answer = await Promise.race([late, delay(100)]);
      expect([answer, socket.destroyed]).toEqual([undefined, false]);
      relay.release();
      expect(await late).toBe('first:held');
    },
  );

  it('cuts the connections that are chosen', async () => {
    const socket = client();
    await ask(socket, 'before');
    relay.cut(() => false);
    expect(await ask(socket, 'still there')).toBe('first:still there');
    relay.cut();
    await once(socket, 'close');
    expect(relay.size).toBe(0);
  });
});
