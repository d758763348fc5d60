/**
 * First start: makes the local owner and the first organization. Run it again and it finds both.
 * `OWNER_PASSWORD=… node dist/setup.js --email owner@localhost --organization "My organization"`
 * Without `--organization` it makes somebody who can log in, and whom an organization may invite.
 */
import { parseArgs } from 'node:util';
import { nameProblem, newId, ProblemError, uuidFrom } from '@mcpstack/contracts';
import { CommandClient, ConfigError, readConfig, SETTINGS } from '@mcpstack/service-kit';
import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { normalEmail, readLoginFile, writeLoginFile } from './auth/login-file.ts';
import { hashPassword } from './auth/passwords.ts';
import { requestDigest } from './http/idempotency.ts';

const MIN_PASSWORD_LENGTH = 8;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

export interface SetupResult {
  /** Absent where none was asked for. */
  organizationId?: string;
  ownerId: string;
  ownerEmail: string;
}

/** @throws ConfigError or ProblemError, whose message is for the operator. */
export async function setUp(args: readonly string[], env: NodeJS.ProcessEnv): Promise<SetupResult> {
  const { email, organization } = readArguments(args);
  const { LOCAL_LOGIN_FILE } = readConfig({ LOCAL_LOGIN_FILE: z.string() }, env);
  const natsUrl =
    organization === undefined ? undefined : readConfig({ NATS_URL: SETTINGS.NATS_URL }, env).NATS_URL;
  const ownerId = await ensureOwner(LOCAL_LOGIN_FILE, email, env['OWNER_PASSWORD']);
  if (organization === undefined || natsUrl === undefined) return { ownerId, ownerEmail: email };
  const organizationId = await ensureOrganization(natsUrl, organization, ownerId);
  return { organizationId, ownerId, ownerEmail: email };
}

function readArguments(args: readonly string[]): { email: string; organization?: string } {
  const options = { email: { type: 'string' }, organization: { type: 'string' } } as const;
  let values: { email?: string; organization?: string };
  try {
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new ConfigError([`${(error as Error).message.split('.')[0]}.`]);
  }
  const { email = '', organization } = values;
  const problem = organization === undefined ? undefined : nameProblem(organization);
  if (!EMAIL.test(email)) throw new ConfigError(['Give --email an address such as owner@localhost.']);
  if (problem) throw new ConfigError([`Give --organization a name: it ${problem}.`]);
  return { email, ...(organization !== undefined && { organization }) };
}

/** The id of the user with this e-mail. An existing one stays as it is, password included. */
async function ensureOwner(file: string, email: string, password: string | undefined): Promise<string> {
  const users = existsSync(file) ? await readLoginFile(file) : [];
  const known = users.find((user) => normalEmail(user.email) === normalEmail(email));
  if (known) return known.id;
  if (!password || password.length < MIN_PASSWORD_LENGTH)
    throw new ConfigError([`Set OWNER_PASSWORD to at least ${MIN_PASSWORD_LENGTH} characters.`]);
  const owner = { id: newId('user'), email, passwordHash: await hashPassword(password) };
  try {
    await writeLoginFile(file, [...users, owner]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`LOCAL_LOGIN_FILE cannot be used: ${file} cannot be written (${code}).`]);
  }
  return owner.id;
}

/** The command id is a function of owner and name, so that a repeat finds the same organization. */
async function ensureOrganization(natsUrl: string, name: string, ownerId: string): Promise<string> {
  const commands = new CommandClient(natsUrl, 'setup');
  const input = { name, ownerId };
  try {
    await commands.connect();
    const { organization } = await commands.send('createOrganization', {
      commandId: uuidFrom(JSON.stringify(['setup', ownerId, name])),
      requestId: randomUUID(),
      actor: { type: 'system', id: 'setup' },
      requestDigest: requestDigest('createOrganization', input),
      input,
    });
    return organization.id;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ConfigError(['NATS does not answer at NATS_URL: start it, or correct the setting.']);
  } finally {
    await commands.close().catch(() => undefined);
  }
}
