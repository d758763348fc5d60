/**
 * What belongs to somebody else and what does not exist: one answer, byte for byte, and in the same time. Both are
 * asked in turn, so that whatever else the machine does meets both alike; then their medians are compared.
 */
import { newId, type IdKind } from '@mcpstack/contracts';
import { newPerson, type Person } from './people.ts';
import { Product, type Answer } from './product.ts';

const ROUNDS = 50;
const WARM_UP = 10;
/** A difference below this is not told from noise over a network. Milliseconds, and as a share of the median. */
const NOISE_MS = 1;
const NOISE_SHARE = 0.4;
/** So often at most they are compared, and so often they must be told from one another. */
const TRIES = 4;
const TOLD = 3;

let product: Product;
let stranger: Person;
let strangersKey: string;
const theirs: Partial<Record<IdKind, string>> = {};
beforeAll(async () => {
  product = await Product.start();
  stranger = await newPerson(product, 'stranger');
  const own = `/api/v1/organizations/${product.organizationId}`;
  const make = async (
    path: string,
    body: object,
    token = product.token,
  ): Promise<Record<string, unknown>> => {
    const answer = await product.insist('POST', path, { body, token });
    if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}`);
    return answer.body;
  };
  const keys = `/api/v1/organizations/${stranger.organizationId}/api-keys`;
  const key = await make(keys, { name: 'strange', role: 'owner' }, stranger.token);
  strangersKey = key['secret'] as string;
  theirs.key = (await product.create('theirs', 'viewer')).id;
  theirs.agent = (await make(`${own}/agents`, { name: 'theirs' }))['id'] as string;
  theirs.server = (await make(`${own}/servers`, { name: 'theirs' }))['id'] as string;
  theirs.organization = product.organizationId;
}, 600_000);
afterAll(() => product?.stop());

interface Asked {
  method: string;
  kind: IdKind;
  path: (id: string) => string;
  body?: object;
}

const inOrganization = (list: string) => (id: string) =>
  `/api/v1/organizations/${stranger.organizationId}/${list}/${id}`;
const ASKED: readonly Asked[] = [
  { method: 'GET', kind: 'organization', path: (id) => `/api/v1/organizations/${id}` },
  { method: 'GET', kind: 'key', path: inOrganization('api-keys') },
  { method: 'PATCH', kind: 'key', path: inOrganization('api-keys'), body: { name: 'mine' } },
  { method: 'DELETE', kind: 'key', path: inOrganization('api-keys') },
  { method: 'GET', kind: 'agent', path: inOrganization('agents') },
  { method: 'PATCH', kind: 'agent', path: inOrganization('agents'), body: { name: 'mine' } },
  { method: 'GET', kind: 'server', path: inOrganization('servers') },
  { method: 'DELETE', kind: 'server', path: inOrganization('servers') },
];

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;

/** Both kinds of id in turn: what came back, and how long each took in the middle. */
async function compare(
  { method, kind, path, body }: Asked,
  token: string,
  rounds = ROUNDS,
  slowMs = 0,
): Promise<{ answers: Set<string>; foreignMs: number; unknownMs: number }> {
  const answers = new Set<string>();
  const ask = async (id: string): Promise<number> => {
    let began: number;
    let answer: Answer;
    // A busy machine may have no trusted reading for a moment; that says nothing about the id.
    do {
      began = performance.now();
      answer = await product.http(method, path(id), { token, ...(body && { body }) });
    } while (answer.status === 503);
    const tookMs = performance.now() - began;
    const headers = [...answer.headers.keys()].sort();
    answers.add(JSON.stringify([answer.status, { ...answer.body, requestId: '' }, headers]));
    return tookMs;
  };
  const [foreign, unknown]: [number[], number[]] = [[], []];
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    const foreignMs = (await ask(theirs[kind]!)) + slowMs;
    const unknownMs = await ask(newId(kind));
    if (round < WARM_UP) continue;
    foreign.push(foreignMs);
    unknown.push(unknownMs);
  }
  return { answers, foreignMs: median(foreign), unknownMs: median(unknown) };
}

function isTold({ foreignMs, unknownMs }: { foreignMs: number; unknownMs: number }): boolean {
  return Math.abs(foreignMs - unknownMs) > Math.max(NOISE_MS, NOISE_SHARE * Math.min(foreignMs, unknownMs));
}

describe.each(['a person', 'a key'])('to %s of another organization', (who) => {
  it.each(ASKED.map((asked) => [asked.method, asked.kind, asked] as const))(
    '%s of a foreign %s is that of an unknown one, in bytes and in time',
    async (_, __, asked) => {
      const token = who === 'a key' ? strangersKey : stranger.token;
      const found = await compare(asked, token);
      expect([...found.answers]).toHaveLength(1);
      expect([...found.answers][0]).toContain('"code":"not-found"');
      // A moment of noise may be all in one of them; a difference that is there comes again most times.
      let told = isTold(found) ? 1 : 0;
      for (let tries = 1; told > 0 && tries < TRIES; tries += 1)
        if (isTold(await compare(asked, token, 2 * ROUNDS))) told += 1;
      expect(told).toBeLessThan(TOLD);
    },
    600_000,
  );
});

it('control: twice the work for one of them, and two milliseconds at least, is told', async () => {
  const asked = ASKED[1]!;
  let told = 0;
  // What another process does meanwhile may hide it once.
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { unknownMs } = await compare(asked, stranger.token);
    if (isTold(await compare(asked, stranger.token, ROUNDS, Math.max(2, unknownMs)))) told += 1;
  }
  expect(told).toBeGreaterThanOrEqual(TOLD);
}, 600_000);
