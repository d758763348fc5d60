import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveId, isId } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { Logger } from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { RecordingIssuance } from '../test/recording-issuance.ts';
import { readLoginFile } from './login-file.ts';
import { setUp } from './owner-setup.ts';
import { Passwords } from './passwords.ts';

let nats: LocalServer;
let connection: NatsConnection;
let issuance: RecordingIssuance;
let dir: string;
beforeAll(async () => {
  Logger.overrideLogger(false);
  nats = await startNats();
  connection = await connect({ servers: nats.url });
  issuance = new RecordingIssuance(connection);
  await connection.flush();
});
afterAll(async () => {
  await connection.close();
  await nats.stop();
});
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'mcpstack-setup-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ARGS = ['--email', 'owner@localhost', '--organization', 'My organization'];
const env = (change: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  NATS_URL: nats.url,
  LOCAL_LOGIN_FILE: join(dir, 'login.json'),
  OWNER_PASSWORD: 'correct horse',
  ...change,
});

describe('setup', () => {
  it('makes the owner and the organization, and a repeat finds both', async () => {
    const first = await setUp(ARGS, env());
    const { envelope } = issuance.commands.at(-1)!;
    expect(first).toEqual({
      organizationId: deriveId('organization', envelope.commandId),
      ownerId: expect.any(String) as string,
      ownerEmail: 'owner@localhost',
    });
    expect(isId('user', first.ownerId)).toBe(true);
    expect(envelope).toMatchObject({
      actor: { type: 'system', id: 'setup' },
      input: { name: 'My organization', ownerId: first.ownerId },
    });
    const file = join(dir, 'login.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [user] = await readLoginFile(file);
    expect(await (await Passwords.create()).fits('correct horse', user!.passwordHash)).toBe(true);
    expect(readFileSync(file, 'utf8')).not.toContain('correct horse');

    const before = readFileSync(file, 'utf8');
    expect(await setUp(ARGS, env({ OWNER_PASSWORD: 'another password' }))).toEqual(first);
    expect(issuance.commands.at(-1)!.envelope).toMatchObject({
      commandId: envelope.commandId,
      requestDigest: envelope.requestDigest,
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('adds an owner beside those who are there', async () => {
    await setUp(ARGS, env());
    await setUp(['--email', 'second@localhost', '--organization', 'Second'], env());
    const users = await readLoginFile(join(dir, 'login.json'));
    expect(users.map((user) => user.email)).toEqual(['owner@localhost', 'second@localhost']);
  });

  it('digests what it asks as the gateway does, in one spelling', async () => {
    const { ownerId } = await setUp(ARGS, env());
    const canonical = `{"command":"createOrganization","input":{"name":"My organization","ownerId":"${ownerId}"}}`;
    const digest = createHash('sha256').update(canonical).digest('hex');
    expect(issuance.commands.at(-1)!.envelope.requestDigest).toBe(digest);
  });

  it('gives somebody new a name, and leaves who is there as they are', async () => {
    await setUp(['--email', 'ada@localhost', '--name', 'Ada'], env());
    await setUp(['--email', 'ada@localhost', '--name', 'Another'], env());
    expect(await readLoginFile(join(dir, 'login.json'))).toMatchObject([{ name: 'Ada' }]);
  });

  it('makes somebody who can log in, and no organization, where none is named', async () => {
    const before = issuance.commands.length;
    const { ownerId, ...rest } = await setUp(['--email', 'ada@localhost'], env({ NATS_URL: '' }));
    expect(rest).toEqual({ ownerEmail: 'ada@localhost' });
    expect(await readLoginFile(join(dir, 'login.json'))).toMatchObject([{ id: ownerId }]);
    expect(issuance.commands).toHaveLength(before);
  });

  it.each<[string, string[], NodeJS.ProcessEnv, string]>([
    ['no e-mail', ['--organization', 'x'], {}, '--email'],
    ['an organization without a name', ['--email', 'a@b', '--organization', ''], {}, '--organization'],
    ['a name that is none', ['--email', 'a@b', '--name', ' x'], {}, '--name'],
    ['an unknown option', [...ARGS, '--force'], {}, '--force'],
    ['a name with a control character', ['--email', 'a@b', '--organization', 'a\n'], {}, 'control'],
    ['no password', ARGS, { OWNER_PASSWORD: '' }, 'OWNER_PASSWORD'],
    ['a short password', ARGS, { OWNER_PASSWORD: 'short' }, 'OWNER_PASSWORD'],
    ['no file', ARGS, { LOCAL_LOGIN_FILE: '' }, 'LOCAL_LOGIN_FILE is not set: write the path of the file.'],
    ['a folder that is not there', ARGS, { LOCAL_LOGIN_FILE: '/nowhere/x.json' }, 'cannot be written'],
    ['NATS that is not there', ARGS, { NATS_URL: 'nats://127.0.0.1:1' }, 'NATS'],
  ])('says in one sentence what is wrong: %s', async (_, args, change, part) => {
    const error = (await setUp(args, env(change)).catch((caught: unknown) => caught)) as Error;
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toContain(part);
    expect(error.message).not.toContain('\n');
  });

  it('refuses a broken file and leaves it as it is', async () => {
    const file = join(dir, 'login.json');
    writeFileSync(file, '{"users":', { mode: 0o600 });
    await expect(setUp(ARGS, env())).rejects.toThrow('LOCAL_LOGIN_FILE cannot be used');
    expect(readFileSync(file, 'utf8')).toBe('{"users":');
  });
});
