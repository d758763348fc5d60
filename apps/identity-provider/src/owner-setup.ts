/**
 * First start: makes the local owner and the first organization. Run it again and it finds both.
 * `OWNER_PASSWORD=… node dist/setup.js --email owner@localhost --organization "My organization"`
 * Without `--organization` it makes somebody who can log in, and whom an organization may invite. `--name` is what
 * others see of a new one.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nameProblem, newId, ProblemError, uuidFrom } from '@mcpstack/contracts';
import {
  CommandClient,
  ConfigError,
  NATS_SETTINGS,
  natsPlace,
  readConfig,
  type NatsPlace,
} from '@mcpstack/service-kit';
import { z } from 'zod';
import { normalEmail, readLoginFile, writeLoginFile } from './login-file.ts';
import { hashPassword } from './passwords.ts';

const MIN_PASSWORD_LENGTH = 8;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

export interface SetupResult {
  /** Absent where none was asked for. */
  organizationId?: string;
  ownerId: string;
  ownerEmail: string;
}

interface Arguments {
  email: string;
  name?: string;
  organization?: string;
}

/** @throws ConfigError or ProblemError, whose message is for the operator. */
export async function setUp(args: readonly string[], env: NodeJS.ProcessEnv): Promise<SetupResult> {
  const { email, organization, ...rest } = readArguments(args);
  const { LOCAL_LOGIN_FILE } = readConfig({ LOCAL_LOGIN_FILE: z.string() }, env);
  const nats = organization === undefined ? undefined : natsPlace(readConfig(NATS_SETTINGS, env));
  const ownerId = await ensureOwner(LOCAL_LOGIN_FILE, { email, ...rest }, env['OWNER_PASSWORD']);
  if (organization === undefined || nats === undefined) return { ownerId, ownerEmail: email };
  const organizationId = await ensureOrganization(nats, organization, ownerId);
  return { organizationId, ownerId, ownerEmail: email };
}

function readArguments(args: readonly string[]): Arguments {
  const options = {
    email: { type: 'string' },
    name: { type: 'string' },
    organization: { type: 'string' },
  } as const;
  let values: Partial<Arguments>;
  try {
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new ConfigError([`${(error as Error).message.split('.')[0]}.`]);
  }
  const { email = '', ...names } = values;
  if (!EMAIL.test(email)) throw new ConfigError(['Give --email an address such as owner@localhost.']);
  for (const [option, name] of Object.entries(names)) {
    const problem = nameProblem(name);
    if (problem) throw new ConfigError([`Give --${option} a name: it ${problem}.`]);
  }
  return { email, ...names };
}

/** The id of the user with this e-mail. An existing one stays as it is, password included. */
async function ensureOwner(
  file: string,
  { email, name }: Pick<Arguments, 'email' | 'name'>,
  password: string | undefined,
): Promise<string> {
  const users = existsSync(file) ? await readLoginFile(file) : [];
  const known = users.find((user) => normalEmail(user.email) === normalEmail(email));
  if (known) return known.id;
  if (!password || password.length < MIN_PASSWORD_LENGTH)
    throw new ConfigError([`Set OWNER_PASSWORD to at least ${MIN_PASSWORD_LENGTH} characters.`]);
  const passwordHash = await hashPassword(password);
  const owner = { id: newId('user'), email, ...(name !== undefined && { name }), passwordHash };
  try {
    await writeLoginFile(file, [...users, owner]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`LOCAL_LOGIN_FILE cannot be used: ${file} cannot be written (${code}).`]);
  }
  return owner.id;
}

/** The command id is a function of owner and name, so that a repeat finds the same organization. */
async function ensureOrganization(nats: NatsPlace, name: string, ownerId: string): Promise<string> {
  const commands = new CommandClient(nats, 'setup');
  const asked = { command: 'createOrganization', input: { name, ownerId } } as const;
  try {
    await commands.connect();
    const { organization } = await commands.send(asked.command, {
      commandId: uuidFrom(JSON.stringify(['setup', ownerId, name])),
      requestId: randomUUID(),
      actor: { type: 'system', id: 'setup' },
      // Of the canonical JSON, as the gateway digests what is asked; these fields stand in its order.
      requestDigest: createHash('sha256').update(JSON.stringify(asked)).digest('hex'),
      input: asked.input,
    });
    return organization.id;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ConfigError(['NATS does not answer at NATS_URL: start it, or correct the setting.']);
  } finally {
    await commands.close().catch(() => undefined);
  }
}
