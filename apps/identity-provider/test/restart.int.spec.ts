/** A restart of the provider: what is under way goes on. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '@mcpstack/local-servers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { EMAIL, Harness, PASSWORD } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.stop());

const verified = (token: string): Promise<unknown> =>
  jwtVerify(token, createRemoteJWKSet(new URL('/jwks', harness.issuer)), { issuer: harness.issuer });

async function idToken(): Promise<string> {
  const asked = harness.ask();
  const got = await harness.logIn(new Browser(), asked);
  return (await harness.redeem(got.get('code')!, asked.verifier)).body['id_token'] as string;
}

it('what was signed before is good after it', async () => {
  const before = await idToken();
  await harness.restart();
  await verified(before);
});

it('control: with other keys it is not', async () => {
  const before = await idToken();
  rmSync(join(harness.folder, 'identity-keys.json'));
  await harness.restart();
  await expect(verified(before)).rejects.toThrow();
  await verified(await idToken());
});

it('a login page that is open is filled in and leads back, and its code is redeemed after another restart', async () => {
  const [browser, asked] = [new Browser(), harness.ask()];
  const page = await harness.loginPage(browser, asked);
  await harness.restart();
  const got = harness.returned(await browser.submit(page, { email: EMAIL, password: PASSWORD }));
  await harness.restart();
  expect((await harness.redeem(got.get('code')!, asked.verifier)).status).toBe(200);
  // A code that was used is used, also after a restart.
  await harness.restart();
  expect((await harness.redeem(got.get('code')!, asked.verifier)).status).toBe(400);
  // And the browser is still logged in.
  harness.returned(await browser.open(harness.ask().url));
});

it('control: without the file of what is under way, the login has ended', async () => {
  const browser = new Browser();
  const page = await harness.loginPage(browser);
  rmSync(join(harness.folder, 'identity-state.json'));
  await harness.restart();
  const answer = await browser.submit(page, { email: EMAIL, password: PASSWORD });
  expect(answer.status).toBe(400);
});

it('both files are for their owner alone, and no password stands in them', async () => {
  await harness.logIn();
  for (const name of ['identity-keys.json', 'identity-state.json']) {
    const path = join(harness.folder, name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(PASSWORD);
  }
});

it('what was under way and cannot be read is begun anew, and said in the log', async () => {
  const path = join(harness.folder, 'identity-state.json');
  await harness.logIn();
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
  await harness.restart();
  expect(harness.log).toContain('what was under way cannot be read, and begins anew');
  await harness.logIn();
});

it('keys that cannot be read stop the start with a sentence, and nothing of them is shown', async () => {
  writeFileSync(join(harness.folder, 'identity-keys.json'), '{"signing":"secret-content"}');
  const error = (await harness.restart().catch((caught: unknown) => caught)) as Error;
  expect(error.message).toMatch(/^The keys beside LOCAL_LOGIN_FILE cannot be used: .* remove it/);
  expect(error.message).not.toContain('secret-content');
  rmSync(join(harness.folder, 'identity-keys.json'));
  await harness.restart();
});
