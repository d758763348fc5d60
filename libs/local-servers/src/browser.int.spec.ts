import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Browser } from './browser.ts';

let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** Opens an address and answers the cookies that were sent there. */
async function sentTo(browser: Browser, path: string): Promise<string | undefined> {
  let sent: string | undefined;
  answer = ({ headers }, response) => {
    sent = headers.cookie;
    response.end();
  };
  await browser.open(base + path);
  return sent;
}

async function set(browser: Browser, ...cookies: string[]): Promise<void> {
  answer = (_request, response) => void response.setHeader('set-cookie', cookies).end();
  await browser.open(base);
}

describe('the cookies of the browser', () => {
  it('are sent where their path says, until they end or are taken away', async () => {
    const browser = new Browser();
    await set(browser, 'a=1; Path=/; HttpOnly', 'b=2; Path=/in', 'c=3; Path=/; Max-Age=0', 'd=4=4; Path=/');
    expect(await sentTo(browser, '/')).toBe('a=1; d=4=4');
    expect(await sentTo(browser, '/in/side')).toBe('a=1; b=2; d=4=4');
    expect(await sentTo(browser, '/inside')).toBe('a=1; d=4=4');
    await set(browser, 'a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'd=5; Path=/');
    expect(await sentTo(browser, '/')).toBe('d=5');
    expect(browser.cookies.get('d')).toBe('5');
    expect(await sentTo(new Browser(), '/')).toBeUndefined();
  });
});

describe('the browser', () => {
  it('follows redirects with what they set, and forgets the form on the way', async () => {
    const seen: string[] = [];
    answer = ({ method, url, headers }, response) => {
      seen.push(`${method} ${url} ${headers.cookie ?? '-'}`);
      if (url === '/end') response.end('<p>there</p>');
      else response.writeHead(303, { location: '/end', 'set-cookie': 'a=1; Path=/' }).end();
    };
    const page = await new Browser().submit(
      { url: `${base}/form`, status: 200, headers: new Headers(), text: '<form method="post">' },
      {},
    );
    expect(seen).toEqual(['POST /form -', 'GET /end a=1']);
    expect(page).toMatchObject({ url: `${base}/end`, status: 200, text: '<p>there</p>' });
  });

  it('sends what stands in a form, what was filled in, and the button that was pressed', async () => {
    let sent = '';
    answer = async (request, response) => {
      sent = `${request.headers['sec-fetch-site']} ${request.headers.origin} ${await text(request)}`;
      response.end();
    };
    const form = `<form method="post" action="/send?x=1&amp;y=2"><input type="hidden" name="h" value="&quot;1&amp;&quot;">
      <input name="email" value=""><button name="answer" value="approve"><button name="answer" value="deny"></form>`;
    const page = { url: `${base}/form`, status: 200, headers: new Headers(), text: form };
    await new Browser().submit(page, { email: 'a@b' }, 'deny');
    expect(sent).toBe(`same-origin ${base} h=%221%26%22&email=a%40b&answer=deny`);
  });

  it('says what a page shows that has no such form, without the query of its address', () => {
    const page = {
      url: `${base}/?code=secret`,
      status: 400,
      headers: new Headers(),
      text: '<style>x</style><h1>Expired</h1><form><button value="other">',
    };
    const browser = new Browser();
    expect(() => browser.submit({ ...page, text: '<h1>Expired</h1>' }, {})).toThrow(
      `no form at ${base}/, which answered 400: Expired`,
    );
    expect(() => browser.submit(page, {}, 'approve')).toThrow(`no button approve at ${base}/: Expired`);
  });

  it('gives up on redirects without end', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: '/again?code=secret' }).end();
    await expect(new Browser().open(base)).rejects.toThrow(
      `more than 20 redirects, the last one to ${base}/again`,
    );
  });
});
