import { ProblemError } from '@mcpstack/contracts';
import { ConflictError, EventStoreUnavailableError } from '@mcpstack/event-store';
import { Log, Metrics } from '@mcpstack/service-kit';
import type { CommandBus } from '@nestjs/cqrs';
import { CommandMetrics } from './command-metrics.ts';
import { CommandRunner, MAX_IN_FLIGHT } from './command-runner.ts';
import type { Envelope } from './envelope.ts';

const command = {
  requestId: 'r',
  commandId: 'c',
  actor: { type: 'user', id: 'u' },
} as unknown as Envelope<unknown>;

const metrics = new Metrics('spec');
const counts = new CommandMetrics(metrics);

function runner(execute: () => Promise<unknown>): CommandRunner {
  return new CommandRunner({ execute } as unknown as CommandBus, new Log('spec', 'silent'), counts);
}
const codeOf = (act: Promise<unknown>) =>
  act.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );

describe('the edge of issuance', () => {
  it('takes a bounded number of commands at once, and more when those are done', async () => {
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const edge = runner(() => done);
    const taken = Array.from({ length: MAX_IN_FLIGHT }, () => codeOf(edge.run('revokeKey', command)));
    expect(await codeOf(edge.run('revokeKey', command))).toBe('unavailable');
    finish();
    expect(new Set(await Promise.all(taken))).toEqual(new Set(['done']));
    expect(await codeOf(edge.run('revokeKey', command))).toBe('done');
  });

  it.each<[string, Error, string | undefined]>([
    ['a log that does not answer', new EventStoreUnavailableError('x', { inDoubt: true }), 'unavailable'],
    ['a conflict that did not end', new ConflictError('key-1', 1n, 2n), 'conflict'],
    ['a refusal', new ProblemError('forbidden', 'x'), 'forbidden'],
    ['what nobody expected', new TypeError('x'), undefined],
  ])('gives %s its code', async (_what, error, code) => {
    expect(await codeOf(runner(() => Promise.reject(error)).run('revokeKey', command))).toBe(code);
  });
});
