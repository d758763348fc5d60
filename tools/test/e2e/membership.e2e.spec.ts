/** G3 for people: who is no member any more can do nothing there, with whatever session they still have. */
import { setTimeout as delay } from 'node:timers/promises';
import { signIn, type Login } from '@mcpstack/local-servers';
import { waitFor } from '@mcpstack/testing';
import { cookieOf, join, PASSWORD, type Person } from './people.ts';
import { FAST, Product } from './product.ts';

const ASKERS = 4;

let product: Product;
beforeAll(async () => {
  product = await Product.start({ env: FAST, instances: { gateway: 2 } });
}, 600_000);
afterAll(() => product?.stop());

/** Somebody of the first organization who is logged in on a device. */
async function member(name: string): Promise<Person & { login: Login }> {
  const email = `${name}@example.com`;
  const { organizationId } = await product.stack.setUp({
    email,
    password: PASSWORD,
    organization: `Of ${name}`,
  });
  const login = await signIn(product.stack.gatewayUrl, { email, password: PASSWORD });
  const person = { userId: login.userId, email, token: login.accessToken, organizationId };
  await join(product, person, 'admin');
  return { ...person, login };
}

interface Asked {
  sentMs: number;
  status: number;
}

/** Asks both gateways for what members see, all the time, until it is told to stop. */
function askOn(headers: Record<string, string>): { asked: Asked[]; stop: () => Promise<void> } {
  const asked: Asked[] = [];
  let isOver = false;
  const urls = ['gateway', 'gateway-2'].map((name) => product.stack.service(name).url);
  const ask = async (n: number): Promise<void> => {
    while (!isOver) {
      const sentMs = performance.now();
      const { status } = await fetch(urls[n % 2]! + product.keysPath, { headers });
      asked.push({ sentMs, status });
      await delay(2);
    }
  };
  const asking = Promise.all(Array.from({ length: ASKERS }, (_, n) => ask(n)));
  return { asked, stop: async () => ((isOver = true), void (await asking)) };
}

it('who is removed is refused at once, by every gateway, on a device and in a browser', async () => {
  const [leaving, staying] = [await member('leaving'), await member('staying')];
  const inBrowser = await cookieOf(product, leaving);
  const people = {
    device: askOn({ authorization: `Bearer ${leaving.token}` }),
    browser: askOn({ cookie: inBrowser }),
    bystander: askOn({ authorization: `Bearer ${staying.token}` }),
  };
  const all = Object.values(people);
  await waitFor(() => all.every(({ asked }) => asked.length > 20), { what: 'answers to members' });
  const path = `/api/v1/organizations/${product.organizationId}/members/${leaving.userId}`;
  expect((await product.http('DELETE', path)).status).toBe(204);
  const endedMs = performance.now();
  const since = ({ asked }: { asked: Asked[] }): Asked[] => asked.filter(({ sentMs }) => sentMs > endedMs);
  await waitFor(() => all.every((one) => since(one).length > 20), { what: 'answers after the removal' });
  await Promise.all(all.map(({ stop }) => stop()));

  const statuses = ({ asked }: { asked: Asked[] }, isAfter: boolean): number[] => [
    ...new Set(asked.filter(({ sentMs }) => sentMs > endedMs === isAfter).map(({ status }) => status)),
  ];
  for (const one of [people.device, people.browser]) {
    expect(statuses(one, false)).toContain(200);
    expect(statuses(one, true)).toEqual([404]);
  }
  // Control: whoever stays is answered all the time.
  expect([...statuses(people.bystander, false), ...statuses(people.bystander, true)]).toEqual([200, 200]);

  // The sessions are the person's own and go on: elsewhere this person is owner.
  for (const headers of [{ authorization: `Bearer ${leaving.token}` }, { cookie: inBrowser }]) {
    const at = (id: string): Promise<Response> =>
      fetch(`${product.stack.gatewayUrl}/api/v1/organizations/${id}`, { headers });
    expect((await at(leaving.organizationId)).status).toBe(200);
    expect((await at(product.organizationId)).status).toBe(404);
  }
  // Neither does a refreshed session bring anything back.
  const body = { grantType: 'refresh-token', refreshToken: leaving.login.refreshToken };
  const renewed = await product.http('POST', '/api/v1/auth/token', { body, token: '' });
  expect(renewed.status).toBe(200);
  const token = renewed.body['accessToken'] as string;
  expect((await product.http('GET', product.keysPath, { token })).status).toBe(404);
}, 600_000);
