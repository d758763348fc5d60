import { jest } from '@jest/globals';
import { newId } from '@mcpstack/contracts';
import { expectProblem, Harness } from '../../test/harness.ts';
import { AcceptsGuard } from './accepts.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());

interface Documented {
  parameters?: { name: string }[];
}

/** Every write that is served, from the document that says which of them compare `If-Match`. */
async function writes(): Promise<{ method: string; path: string; compares: boolean; token: string }[]> {
  const { body } = await harness.call('GET', '/api/openapi.json');
  const key = harness.key('owner');
  return Object.entries(body['paths'] as Record<string, Record<string, Documented>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'get')
        .map(([method, operation]) => ({
          method: method.toUpperCase(),
          path: path
            .replace('{orgId}', harness.organizationId)
            .replace(/\{(agent|server|key|domain|user|invitation)Id\}/, (_, kind: 'agent') => newId(kind)),
          compares: operation.parameters?.some(({ name }) => name === 'If-Match') ?? false,
          token: path === '/api/v1/me/revoke' ? key : session,
        })),
  );
}

describe('If-Match, where nobody compares it', () => {
  const headers = ['If-Match', '"0"'];

  it('400 on every write that does not: nothing is done on a condition that was not looked at', async () => {
    const before = harness.issuance.commands.length;
    const all = await writes();
    const others = all.filter(({ compares }) => !compares);
    for (const { method, path, token } of others) {
      const answer = await harness.call(method, path, { token, headers });
      expect([method, path, answer.status, answer.problem.errors?.[0]?.field]).toEqual([
        method,
        path,
        400,
        'If-Match',
      ]);
    }
    expect(harness.issuance.commands).toHaveLength(before);
    expect(others.length).toBeGreaterThan(20);
    expect(all.length - others.length).toBe(7);
  });

  it('200: a read is no change, whatever it carries', async () => {
    expect((await harness.call('GET', '/api/v1/me', { token: session, headers })).status).toBe(200);
  });

  it('control: a gateway that does not look at it revokes the key all the same', async () => {
    const path = `${harness.keysPath}/${newId('key')}`;
    const revoke = () => harness.call('DELETE', path, { token: session, headers });
    const blind = jest.spyOn(AcceptsGuard.prototype, 'canActivate').mockReturnValue(true);
    const before = harness.issuance.commands.length;
    expect((await revoke()).status).toBe(204);
    expect(harness.issuance.commands).toHaveLength(before + 1);
    blind.mockRestore();
    expectProblem(await revoke(), 400, 'validation-failed');
  });
});
