import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isFromWebPage } from './exposure.ts';

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
