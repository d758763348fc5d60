/** A gateway whose people log in at a provider of the spec's own. */
import { BUCKETS } from '@mcpstack/contracts';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { Browser } from './browser.ts';
import { Harness, type Answer, type HarnessOptions } from './harness.ts';
import { CLIENT_ID, IdentityProvider } from './identity-provider.ts';

export const PUBLIC_URL = 'http://localhost:18080';

export interface LoginHarness {
  provider: IdentityProvider;
  harness: Harness;
  publicUrl: string;
  browser: () => Browser;
  /** Whose session the browser's cookie is. */
  userOf: (browser: Browser) => Promise<string>;
  /** All that the gateway keeps of logins and sessions, names and values. */
  kept: () => Promise<string[]>;
  stop: () => Promise<void>;
}

export async function startLogin(
  { env, ...options }: HarnessOptions = {},
  provider?: IdentityProvider,
): Promise<LoginHarness> {
  const own = provider ?? (await IdentityProvider.start());
  const publicUrl = env?.['PUBLIC_URL'] ?? PUBLIC_URL;
  const settings = { PUBLIC_URL: publicUrl, OIDC_ISSUER: own.issuer, OIDC_CLIENT_ID: CLIENT_ID, ...env };
  const harness = await Harness.start({ ...options, env: settings });
  return {
    provider: own,
    harness,
    publicUrl,
    browser: () => new Browser(harness, publicUrl),
    userOf: async (browser) => {
      const { status, body } = await harness.call('GET', '/api/v1/me', { token: sessionOf(browser) });
      if (status !== 200) throw new Error(`no session: ${status}`);
      return body['id'] as string;
    },
    kept: () => kept(harness),
    stop: async () => {
      await harness.stop();
      if (!provider) await own.down();
    },
  };
}

export function sessionOf(browser: Browser): string | undefined {
  return browser.cookies.get('mcpstack_session') ?? browser.cookies.get('__Host-mcpstack_session');
}

/** A page, with this status, that offers nothing to scripts. */
export function expectPage(answer: Answer, status: number, words: string | RegExp): void {
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
  expect(answer.text).toMatch(words);
  expect(answer.text).not.toMatch(/<script|\son[a-z]+=|javascript:/i);
  expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
  expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
}

async function kept(harness: Harness): Promise<string[]> {
  const connection = await connect({ servers: harness.nats.url });
  const found: string[] = [];
  for (const name of [BUCKETS.logins, BUCKETS.sessions]) {
    const bucket = await new Kvm(jetstream(connection)).open(name);
    for await (const key of await bucket.keys()) found.push(`${key} ${(await bucket.get(key))?.string()}`);
  }
  await connection.close();
  return found;
}
