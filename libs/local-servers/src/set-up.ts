import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalServerError } from './errors.ts';
import { programOf } from './service.ts';

const SET_UP_TIMEOUT_MS = 90_000;
const SETUP = { bundle: 'setup.bundle.js', compiled: 'setup.js' };

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
  const command = programOf(root, 'identity-provider', env, SETUP);
  if (command === undefined)
    throw new LocalServerError('start-failed', 'set-up is not built: run npm run build first.');
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
