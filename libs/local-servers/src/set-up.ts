import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalServerError } from './errors.ts';

const SET_UP_TIMEOUT_MS = 90_000;

export interface Owner {
  organizationId: string;
  ownerId: string;
  ownerEmail: string;
}

/** Runs the identity provider's setup command: it makes the first organization and its owner, or finds them. */
export async function setUp(options: {
  email: string;
  /** Of a new owner; one who is there keeps theirs. */
  password: string;
  organization: string;
  root: string;
  env: NodeJS.ProcessEnv;
}): Promise<Owner> {
  const { email, password, organization, root, env } = options;
  const command = join(root, 'apps', 'identity-provider', 'dist', 'setup.js');
  const args = [command, '--email', email, '--organization', organization];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...env, OWNER_PASSWORD: password },
      timeout: SET_UP_TIMEOUT_MS,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Owner;
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    const why = said ? said : cause instanceof Error ? cause.message : 'no reason given';
    throw new LocalServerError('start-failed', `The first organization could not be made: ${why}`, { cause });
  }
}
