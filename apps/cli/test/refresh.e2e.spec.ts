/** The login of a person against the product itself: renewed once by many, seen and ended. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { approveDevice, Browser } from '@mcpstack/local-servers';
import { startStack, waitFor, type Stack } from '@mcpstack/testing';
import { Desk, ended } from './command.ts';

const OWNER = { email: 'owner@localhost', password: 'correct horse battery', organization: 'Acme' };
const PROCESSES = 50;

let stack: Stack;
let desk: Desk;
let proxy: Server;
/** Refresh tokens that went to the gateway. */
const refreshed: string[] = [];

beforeAll(async () => {
  desk = new Desk();
  stack = await startStack();
  await stack.setUp(OWNER);
  proxy = createServer((asked, answer) => {
    const onward = request(`${stack.gatewayUrl}${asked.url}`, {
      method: asked.method!,
      headers: asked.headers,
    });
    onward.once('response', (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    onward.once('error', () => answer.destroy());
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.once('end', () => {
      const body = Buffer.concat(chunks).toString();
      const token = /"refreshToken":"([^"]+)"/.exec(body)?.[1];
      if (token !== undefined) refreshed.push(token);
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  desk.env = { MCPSTACK_API_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}, 600_000);
afterAll(async () => {
  desk.remove();
  proxy.closeAllConnections();
  proxy.close();
  await stack.stop();
});

it('a person logs in with a device and a browser', async () => {
  const child = desk.start(['auth', 'login']);
  const done = ended(child);
  let shown = '';
  child.stderr.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const url = await waitFor(() => /https?:\/\/\S+userCode=\S+/.exec(shown)?.[0]);
  await approveDevice(new Browser(), url, OWNER);
  expect((await done).code).toBe(0);
});

it(`${PROCESSES} commands with an access token that has run out renew it once; none is lost`, async () => {
  const profile = desk.stored()!;
  const before = profile.login!['refreshToken'];
  desk.writeCredentials({
    version: 1,
    profiles: { default: { ...profile, login: { ...profile.login, obtainedAtMs: 0 } } },
  });
  const all = await Promise.all(Array.from({ length: PROCESSES }, () => desk.run(['whoami', '--quiet'])));
  expect(all.filter(({ code }) => code !== 0)).toEqual([]);
  expect(refreshed).toEqual([before]);
  expect(desk.stored()!.login!['refreshToken']).not.toBe(before);
}, 600_000);

it('the session is listed, and ended by logging out: its token is refused at once', async () => {
  const { stdout } = await desk.run(['auth', 'sessions', 'list', '--json']);
  const { data } = JSON.parse(stdout) as { data: { kind: string; label: string; current: boolean }[] };
  expect(data.filter(({ current }) => current)).toEqual([
    expect.objectContaining({ kind: 'device', label: expect.stringMatching(/^mcpstack on /) as string }),
  ]);
  const token = String(desk.stored()!.login!['accessToken']);
  const me = () => fetch(`${stack.gatewayUrl}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  expect((await me()).status).toBe(200);
  expect(await desk.run(['auth', 'logout'])).toMatchObject({ code: 0, stderr: '' });
  expect((await me()).status).toBe(401);
  expect((await desk.run(['whoami'])).code).toBe(3);
});
