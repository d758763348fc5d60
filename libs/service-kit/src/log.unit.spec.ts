import { makeToken } from '@mcpstack/contracts';
import { Log, redactText, type LogFields } from './log.ts';

function capture(level = 'trace'): { log: Log; lines: () => Record<string, unknown>[]; text: () => string } {
  const written: string[] = [];
  const log = new Log('spec', level, { write: (line: string) => void written.push(line) });
  return {
    log,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  };
}

describe('log', () => {
  it('writes one JSON object a line with service, level, time and the request id', () => {
    const { log, lines } = capture();
    log.info('created', { requestId: 'r-1', keyId: 'key_1' });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'info',
        service: 'spec',
        msg: 'created',
        requestId: 'r-1',
        keyId: 'key_1',
      }),
    ]);
  });

  it('G1: drops every field that is not on the allow-list', () => {
    const { log, text } = capture();
    log.info('x', { secret: 'hunter2', body: { name: 'hunter2' } } as unknown as LogFields);
    expect(text()).not.toContain('hunter2');
  });

  it('G1: blanks tokens in messages, in errors, in their causes and stacks', () => {
    const { log, text, lines } = capture();
    const token = makeToken('service');
    const cause = new Error(`inner ${token}`);
    const error = Object.assign(new Error(`outer ${token}`, { cause }), { request: { key: token } });
    log.error(`said ${token}`, { err: error });
    log.error(error);
    log.warn('w', { reason: token });
    expect(lines()).toHaveLength(3);
    expect(text()).not.toContain(token);
    expect(text()).toContain('mcpstack_sk_[redacted]');
    // Control: without the filter the same line would show it.
    expect(JSON.stringify({ msg: `said ${token}` })).toContain(token);
  });

  it('G1: blanks secrets of webhooks, whatever of base64 they hold', () => {
    const secret = `whsec_${'Ab+/'.repeat(10)}AbC=`;
    expect(redactText(`made ${secret}.`)).toBe('made whsec_[redacted].');
    // Control: the search finds it where nothing was blanked.
    expect(`made ${secret}.`).toContain(secret);
  });

  it('blanks the credentials of URLs', () => {
    expect(redactText('connect nats://user:pass@host:4222 failed')).toBe(
      'connect nats://[redacted]@host:4222 failed',
    );
  });
});
