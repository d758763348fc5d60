import { createServer, IncomingMessage, request as httpRequest } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { newId, type ProblemError } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import type { FastifyRequest } from 'fastify';
import { Exposure, isFromWebPage } from './exposure.ts';
import { Identify } from './identify.ts';
import type { SystemCommands } from './system-commands.ts';

/** Which requests this process really sends, and whether they are taken for those of a web page. */
async function verdicts(
  send: (url: string) => Promise<unknown>,
): Promise<{ page: boolean; headers: string[] }> {
  const server = createServer();
  const arrived = new Promise<IncomingMessage>((resolve) =>
    server.on('request', (request, response) => {
      response.end();
      resolve(request);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const request = await arrived;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { page: isFromWebPage(request), headers: Object.keys(request.headers) };
}

const authorization = { Authorization: 'Bearer x' };

describe('a request of a web page', () => {
  it.each<[string, RequestInit]>([
    ['as it stands', {}],
    ['with a method and a body', { method: 'POST', body: '{}' }],
    ['in mode no-cors', { mode: 'no-cors' }],
    ['in mode same-origin', { mode: 'same-origin' }],
  ])("is not what Node's own fetch sends, %s, although that has Sec-Fetch-Mode", async (_, options) => {
    const { page, headers } = await verdicts((url) => fetch(url, { headers: authorization, ...options }));
    expect(headers).toContain('sec-fetch-mode');
    expect(page).toBe(false);
  });

  it('is not what node:http sends', async () => {
    const { page } = await verdicts(
      (url) =>
        new Promise((resolve) => {
          httpRequest(url, { headers: authorization }, resolve).end();
        }),
    );
    expect(page).toBe(false);
  });

  it.each([
    ['Origin', 'https://app.example.com'],
    ['Origin', 'null'],
    ['Origin', ''],
    ['Sec-Fetch-Site', 'same-origin'],
    ['Sec-Fetch-Site', 'none'],
    ['Sec-Fetch-Dest', 'empty'],
    ['Sec-Fetch-User', '?1'],
  ])('is one with %s: %s', async (name, value) => {
    const headers = { ...authorization, [name]: value };
    const { page } = await verdicts(
      (url) =>
        new Promise((resolve) => {
          httpRequest(url, { headers }, resolve).end();
        }),
    );
    expect(page).toBe(true);
  });
});

describe('the record of an exposure', () => {
  const page = { raw: new IncomingMessage(new Socket()), id: 'request-1' };
  page.raw.rawHeaders = ['Origin', 'https://app.example.com'];
  const organizationId = newId('organization');
  let nowMs = 0;
  let sent: { keyId: string; commandId: string }[] = [];
  let fails = false;
  const commands = {
    send: (_: string, { keyId }: { keyId: string }, { commandId }: { commandId: string }) => {
      sent.push({ keyId, commandId });
      return fails ? Promise.reject(new Error('away')) : Promise.resolve({ position: '1' });
    },
  } as unknown as SystemCommands;
  let exposure: Exposure;
  const seen = async (keyId: string): Promise<void> => {
    const refused = exposure.refuseKey({ keyId, organizationId }, page as unknown as FastifyRequest);
    const error: unknown = await refused.catch((caught: unknown) => caught);
    expect((error as ProblemError).code).toBe('secret-in-browser');
  };
  beforeEach(() => {
    [nowMs, sent, fails] = [600_000, [], false];
    const log = new Log('spec', 'silent');
    exposure = new Exposure(new Identify(undefined as never), commands, log, 'mcpstack', () => nowMs);
  });

  it('is written once a minute, under an id that every process derives', async () => {
    const keyId = newId('key');
    for (let times = 0; times < 5; times += 1) await seen(keyId);
    expect(sent).toHaveLength(1);
    nowMs += 59_999;
    await seen(keyId);
    expect(sent).toHaveLength(1);
    nowMs += 1;
    await seen(keyId);
    expect(sent).toHaveLength(2);
    expect(sent[1]!.commandId).not.toBe(sent[0]!.commandId);
    // Another process within the same minute sends the same command.
    const log = new Log('spec', 'silent');
    exposure = new Exposure(new Identify(undefined as never), commands, log, 'mcpstack', () => nowMs);
    await seen(keyId);
    expect(sent[2]!.commandId).toBe(sent[1]!.commandId);
  });

  it('is tried again after it failed', async () => {
    const keyId = newId('key');
    fails = true;
    await seen(keyId);
    fails = false;
    await seen(keyId);
    await seen(keyId);
    expect(sent.map(({ keyId: id }) => id)).toEqual([keyId, keyId]);
  });

  it('is remembered of a bounded number of keys, the newest', async () => {
    const first = newId('key');
    await seen(first);
    for (let at = 0; at < 10_000; at += 1) await seen(`key_${at}`);
    const { recorded } = exposure as unknown as { recorded: Map<string, number> };
    expect(recorded.size).toBe(10_000);
    expect(recorded.has(first)).toBe(false);
    await seen('key_9999');
    expect(sent).toHaveLength(10_001);
  });
});
