import { createClient } from '@redis/client';
import { waitFor } from '@mcpstack/testing';
import { compareWithLog } from './audit.ts';
import { folded } from './expected-answers.ts';
import { Product, WHOLE } from './product.ts';

const COMMANDS = 200;
const WORKERS = 6;
const VICTIMS = ['issuance', 'projection', 'authorizer', 'gateway', 'redis', 'nats'] as const;

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: WHOLE });
}, 600_000);
afterAll(() => product?.stop());

/** kill -9, and start again on the same port and data. */
async function crash(victim: (typeof VICTIMS)[number]): Promise<void> {
  const { stack } = product;
  if (victim === 'redis' || victim === 'nats') await stack[victim]!.restart({ kill: true });
  else {
    await stack.service(victim).kill();
    await stack.service(victim).restart();
  }
}

/** Changes one letter of a record's name behind the projection's back. */
async function misspell(name: string): Promise<void> {
  const redis = createClient({ url: product.stack.redisUrl });
  await redis.connect();
  const generation = await redis.hGet('mcpstack:{p0}:control', 'active');
  const full = `mcpstack:{p0}:${generation}:${name}`;
  const data = (await redis.hGet(full, 'data'))!;
  await redis.hSet(full, 'data', data.replace('"name":"k', '"name":"K'));
  redis.destroy();
}

describe('G2: acknowledged means durable, once', () => {
  it(`${COMMANDS} commands while every process in turn is killed with -9`, async () => {
    const created: { id: string; secret: string; name: string }[] = [];
    const revoked = new Set<string>();
    const renamed = new Map<string, string>();
    let done = 0;
    let retried = 0;
    let next = 0;

    /** Commands 0, 1, 2, … : a create, then in turn its rename or its revocation. */
    const one = async (): Promise<void> => {
      const number = next++;
      const tally = <Answer extends { tries: number }>(answer: Answer): Answer => {
        done += 1;
        if (answer.tries > 1) retried += 1;
        return answer;
      };
      const name = `key ${number}`;
      const body = { name, role: 'developer' };
      const answer = tally(await product.insist('POST', product.keysPath, { body }));
      expect(answer.status).toBe(201);
      const { id, secret } = answer.body as { id: string; secret: string };
      created.push({ id, secret, name });
      const path = `${product.keysPath}/${id}`;
      if (number % 2 === 0) {
        const change = tally(await product.insist('PATCH', path, { body: { name: `${name}, renamed` } }));
        expect(change.status).toBe(200);
        renamed.set(id, `${name}, renamed`);
      } else {
        expect(tally(await product.insist('DELETE', path)).status).toBe(204);
        revoked.add(id);
      }
    };
    const worker = async (): Promise<void> => {
      while (next < COMMANDS / 2) await one();
    };
    const killer = async (): Promise<void> => {
      for (const [index, victim] of VICTIMS.entries()) {
        const due = ((index + 0.5) * COMMANDS) / VICTIMS.length;
        await waitFor(() => done >= due, { timeoutMs: 120_000, what: `${due} commands to be done` });
        await crash(victim);
      }
    };
    await Promise.all([...Array.from({ length: WORKERS }, worker), killer()]);
    expect(done).toBe(COMMANDS);
    // Control: the kills were felt, so the run says something.
    expect(retried).toBeGreaterThan(0);

    // Nothing acknowledged is lost, nothing was applied twice: exactly the events that were asked for.
    const events = await product.log();
    const keyEvents = events.filter((event) => event.stream.startsWith('key-'));
    expect(keyEvents).toHaveLength(COMMANDS);
    expect(new Set(keyEvents.map((event) => event.id)).size).toBe(COMMANDS);
    const { keys } = folded(events);
    expect(keys.size).toBe(created.length);
    for (const { id, name } of created) {
      expect(keys.get(id)).toMatchObject({
        name: renamed.get(id) ?? name,
        state: revoked.has(id) ? 'revoked' : 'active',
      });
    }

    // G5: the read model is the fold of the log, record by record.
    const last = events.at(-1)!.position;
    const answer = await product.insist('GET', product.keysPath, {
      headers: { 'mcpstack-position': String(last) },
    });
    expect(answer.status).toBe(200);
    expect(await compareWithLog(product)).toEqual({ exitCode: 0, differences: [], stderr: '' });
    // Control: a record that is off by one letter is noticed.
    await misspell(`key:${created[0]!.id}`);
    expect(await compareWithLog(product)).toMatchObject({
      exitCode: 1,
      differences: [{ name: `key:${created[0]!.id}`, field: 'data', path: 'name', kind: 'different' }],
    });

    // And every check answers what was acknowledged.
    for (const { id, secret } of created) {
      const reply = await waitFor(async () => {
        const given = await product.verify({ key: secret });
        return given.code === 'UNAVAILABLE' ? undefined : given;
      });
      expect([id, reply.code]).toEqual([id, revoked.has(id) ? 'REVOKED' : 'VALID']);
    }
  }, 600_000);
});
