import { startNats } from '@mcpstack/local-servers';
import { ConfigError } from './config-error.ts';
import { connectNats } from './nats.ts';

const refusal = (url: string): Promise<unknown> =>
  connectNats(url, 'spec').then(
    () => 'connected',
    (error: unknown) => error,
  );

describe('connectNats', () => {
  it('says in one sentence that NATS is not there', async () => {
    const error = (await refusal('nats://127.0.0.1:1')) as Error;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/^NATS cannot be used \(.+\): start it, or correct the address/);
  });

  it('says so for wrong credentials, too, without repeating them', async () => {
    const nats = await startNats({ user: 'u', password: 'right' });
    const error = (await refusal(nats.url.replace('//', '//u:hunter2@'))) as Error;
    const connection = await connectNats(nats.url.replace('//', '//u:right@'), 'spec');
    await connection.close();
    await nats.stop();
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).not.toContain('hunter2');
  });
});
