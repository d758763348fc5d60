/** Logging in as people do with the command line: a device asks, and its owner approves it in a browser. */
import { Browser, type ShownPage } from './browser.ts';

export interface Login {
  accessToken: string;
  refreshToken: string;
  userId: string;
  sessionId: string;
}

export interface Credentials {
  email: string;
  password: string;
}

/**
 * The whole way at the gateway and its identity provider.
 * @throws Error that says at which page it ended.
 */
export async function signIn(gatewayUrl: string, credentials: Credentials): Promise<Login> {
  const device = await post(gatewayUrl, 'device', { clientName: 'local start' });
  const browser = new Browser();
  await approveDevice(browser, String(device['verificationUriComplete']), credentials);
  const { deviceCode } = device;
  const login = (await post(gatewayUrl, 'token', {
    grantType: 'device-code',
    deviceCode,
  })) as unknown as Login;
  await logOut(browser, new URL(String(device['verificationUri'])).origin);
  return login;
}

/** The browser is not used again: nobody should find its session in their list. */
async function logOut(browser: Browser, origin: string): Promise<void> {
  const headers = { 'sec-fetch-site': 'same-origin' };
  const { status } = await browser.request(`${origin}/api/v1/auth/logout`, { method: 'POST', headers });
  if (status !== 204) throw new Error(`logging the browser out answered ${status}`);
}

/**
 * Approves what the device shows, logging in first where the browser is not yet.
 * @throws Error when the device is not approved in the end.
 */
export async function approveDevice(
  browser: Browser,
  verificationUriComplete: string,
  credentials?: Credentials,
): Promise<ShownPage> {
  let page = await browser.open(verificationUriComplete);
  if (asksForPassword(page)) {
    if (!credentials) throw new Error('the browser is not logged in');
    page = await browser.submit(page, { ...credentials });
    if (asksForPassword(page)) throw new Error(`logging in as ${credentials.email} answered ${page.status}`);
  }
  const done = await browser.submit(page, {}, 'approve');
  if (done.status !== 200) throw new Error(`approving answered ${done.status}`);
  return done;
}

function asksForPassword({ text }: ShownPage): boolean {
  return /<input\b[^>]*type="password"/.test(text);
}

async function post(gatewayUrl: string, what: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${gatewayUrl}/api/v1/auth/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST /auth/${what} answered ${response.status} ${text.slice(0, 200)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
