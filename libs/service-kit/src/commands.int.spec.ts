import { COMMAND_SUBJECTS, ProblemError, type CommandEnvelope, type KeyIdInput } from '@mcpstack/contracts';
import { startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, ServerNats, type CustomTransportStrategy } from '@nestjs/microservices';
import { CommandClient } from './command-client.ts';
import { DrainingNatsServer, ProblemFilter } from './command-server.ts';
import { Log } from './log.ts';
import { natsOptions } from './nats.ts';

let nats: LocalServer;
let written = '';
/** What the handler does with a command; each test sets its own. */
let behave: () => Promise<{ position: string }>;

@Controller()
class RevokeController {
  @MessagePattern(COMMAND_SUBJECTS.revokeKey)
  revoke(@Payload() _envelope: unknown): Promise<{ position: string }> {
    return behave();
  }
}
@Module({ controllers: [RevokeController] })
class CommandModule {}

const envelope: CommandEnvelope<KeyIdInput> = {
  commandId: '00000000-0000-8000-8000-000000000001',
  requestId: 'req-7',
  actor: { type: 'user', id: 'user_1' },
  requestDigest: 'd',
  input: { organizationId: 'org_1', keyId: 'key_1', kind: 'service' },
};

async function serve(strategy: CustomTransportStrategy): Promise<{ close: () => Promise<void> }> {
  const app = await NestFactory.createMicroservice(CommandModule, { strategy, logger: false });
  const log = new Log('spec', 'debug', { write: (line: string) => void (written += line) });
  app.useGlobalFilters(new ProblemFilter(log));
  await app.listen();
  return app;
}

/** Runs `act` with a client and a server of the given kind, and ends both. */
async function withCommands(
  act: (client: CommandClient, server: { close: () => Promise<void> }) => Promise<void>,
  strategy: CustomTransportStrategy = new DrainingNatsServer(nats.url, 'spec', 'issuance'),
): Promise<void> {
  const server = await serve(strategy);
  const client = new CommandClient(nats.url, 'spec-client');
  try {
    await client.connect();
    await act(client, server);
  } finally {
    await client.close();
    await server.close();
  }
}

const outcome = (sent: Promise<unknown>): Promise<unknown> =>
  sent.catch((error: ProblemError) => ({
    code: error.code,
    message: error.message,
    permission: error.permission,
  }));

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());
beforeEach(() => {
  written = '';
});

describe('commands over NATS', () => {
  it('carries the output back', async () => {
    behave = () => Promise.resolve({ position: '7' });
    await withCommands(async (client) => {
      await expect(client.send('revokeKey', envelope)).resolves.toEqual({ position: '7' });
    });
  });

  it('keeps the code and the permission of an expected refusal', async () => {
    behave = () => Promise.reject(new ProblemError('forbidden', 'No.', { permission: 'api-keys:write' }));
    await withCommands(async (client) => {
      expect(await outcome(client.send('revokeKey', envelope))).toEqual({
        code: 'forbidden',
        message: 'No.',
        permission: 'api-keys:write',
      });
    });
  });

  it('G1: turns what nobody expected into `internal` without its text, and logs it with the request id', async () => {
    behave = () => Promise.reject(new Error('hunter2 at row 9'));
    await withCommands(async (client) => {
      const refused = await outcome(client.send('revokeKey', envelope));
      expect(refused).toMatchObject({ code: 'internal' });
      expect(JSON.stringify(refused)).not.toContain('hunter2');
    });
    expect(JSON.parse(written.split('\n')[0]!)).toMatchObject({ level: 'error', requestId: 'req-7' });
  });

  it('answers `unavailable` at once when nobody listens', async () => {
    const client = new CommandClient(nats.url, 'spec-client');
    await client.connect();
    expect(await outcome(client.send('revokeKey', envelope, { timeoutMs: 30_000 }))).toMatchObject({
      code: 'unavailable',
    });
    await client.close();
  });

  it('answers `unavailable` at the deadline when the handler hangs', async () => {
    let release = (): void => undefined;
    behave = () => new Promise((resolve) => (release = () => resolve({ position: '1' })));
    await withCommands(async (client) => {
      expect(await outcome(client.send('revokeKey', envelope, { timeoutMs: 100 }))).toMatchObject({
        code: 'unavailable',
      });
      release();
    });
  });

  it('answers `unavailable` while NATS is down and works again when it is back', async () => {
    behave = () => Promise.resolve({ position: '8' });
    await withCommands(async (client) => {
      await nats.kill();
      expect(await outcome(client.send('revokeKey', envelope, { timeoutMs: 2_000 }))).toMatchObject({
        code: 'unavailable',
      });
      await nats.restart();
      const answered = async (): Promise<boolean> => {
        const answer = await outcome(client.send('revokeKey', envelope, { timeoutMs: 500 }));
        return (answer as { position?: string }).position === '8';
      };
      await waitFor(answered, { timeoutMs: 20_000, what: 'the client to come back' });
    });
  });
});

describe('shutdown', () => {
  /** Closes the server while one command is being worked on; answers what its sender got. */
  async function closeWhileWorking(strategy: CustomTransportStrategy): Promise<unknown> {
    let result: unknown;
    await withCommands(async (client, server) => {
      let closed = Promise.resolve();
      behave = () => {
        closed = server.close();
        return new Promise((resolve) => setTimeout(() => resolve({ position: '9' }), 300));
      };
      result = await outcome(client.send('revokeKey', envelope, { timeoutMs: 2_000 }));
      await closed;
    }, strategy);
    return result;
  }

  it('finishes the command that it took', async () => {
    expect(await closeWhileWorking(new DrainingNatsServer(nats.url, 'spec', 'issuance'))).toEqual({
      position: '9',
    });
  });

  it('control: the transport as Nest ships it loses the answer', async () => {
    const plain = new ServerNats({ ...natsOptions(nats.url, 'spec'), queue: 'issuance' });
    expect(await closeWhileWorking(plain)).toMatchObject({ code: 'unavailable' });
  });
});
