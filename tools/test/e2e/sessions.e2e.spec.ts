/** Sessions over two gateways that share nothing but NATS, as people and their devices meet them. */
import { signIn, type Login } from '@mcpstack/local-servers';
import { OWNER, Product, type Answer } from './product.ts';

const AT_ONCE = 50;

let product: Product;
let gateways: string[];
beforeAll(async () => {
  product = await Product.start({ instances: { gateway: 2, issuance: 1 } });
  gateways = ['gateway', 'gateway-2'].map((name) => product.stack.service(name).url);
}, 600_000);
afterAll(() => product?.stop());

const letIn = (): Promise<Login> => signIn(gateways[0]!, OWNER);

async function call(
  gateway: string,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(`${gateway}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

const me = (gateway: string, token: unknown) => call(gateway, 'GET', '/me', token as string);
const refresh = (gateway: string, refreshToken: unknown) =>
  call(gateway, 'POST', '/auth/token', '', { grantType: 'refresh-token', refreshToken });

it(`${AT_ONCE} refreshes at once with one token, over two gateways: one family, and nobody is out`, async () => {
  const login = await letIn();
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, at) => refresh(gateways[at % 2]!, login.refreshToken)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => body['refreshToken'])).size).toBe(1);
  for (const gateway of gateways)
    for (const { body } of answers.slice(0, 5))
      expect((await me(gateway, body['accessToken'])).status).toBe(200);
  // Control: once its successor was used, the old token ends the session at both gateways.
  const next = await refresh(gateways[1]!, answers[0]!.body['refreshToken']);
  expect(next.status).toBe(200);
  expect((await refresh(gateways[0]!, login.refreshToken)).status).toBe(401);
  for (const gateway of gateways) expect((await me(gateway, next.body['accessToken'])).status).toBe(401);
});

it('a session that is ended at one gateway is refused at once by the other, whichever it is', async () => {
  const owner = await letIn();
  for (let rounds = 0; rounds < 6; rounds += 1) {
    const [one, other] = [gateways[rounds % 2]!, gateways[(rounds + 1) % 2]!];
    const { accessToken, refreshToken, sessionId } = await letIn();
    expect((await me(other, accessToken)).status).toBe(200);
    expect((await call(one, 'DELETE', `/me/sessions/${sessionId}`, owner.accessToken)).status).toBe(204);
    expect((await me(other, accessToken)).status).toBe(401);
    expect((await refresh(other, refreshToken)).status).toBe(401);
    expect((await me(one, accessToken)).status).toBe(401);
    // Control: the one that ended it goes on.
    expect((await me(other, owner.accessToken)).status).toBe(200);
  }
  const listed = await call(gateways[1]!, 'GET', '/me/sessions', owner.accessToken);
  const current = (listed.body['data'] as { id: string; current: boolean }[]).filter((one) => one.current);
  expect(current.map(({ id }) => id)).toEqual([owner.sessionId]);
});
