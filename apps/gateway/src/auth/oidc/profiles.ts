/** Name and e-mail address of who logs in, as the provider has them, go into the profile, unless they have erased it. */
import { randomUUID } from 'node:crypto';
import { emailProblem, nameProblem, type CommandContracts } from '@mcpstack/contracts';
import type { CommandClient, Log } from '@mcpstack/service-kit';
import type { JWTPayload } from 'jose';
import { requestDigest } from '../../http/idempotency.ts';
import type { Reads } from '../../reads.ts';

/** A login does not wait longer for it. */
const TIMEOUT_MS = 2_000;

type Profile = Pick<CommandContracts['changeProfile']['input'], 'name' | 'email'>;

export class Profiles {
  constructor(
    private readonly reads: Reads,
    private readonly commands: CommandClient,
    private readonly log: Log,
  ) {}

  /** A profile is good to have; whatever keeps it from being written keeps nobody from logging in. */
  async update(userId: string, claims: JWTPayload, requestId: string): Promise<void> {
    const said = profileOf(claims);
    try {
      const [known] = await this.reads.profiles([userId]);
      if (Object.entries(said).every(([field, value]) => known?.[field as keyof Profile] === value)) return;
      const input = { ...said, atLogin: true };
      const envelope = {
        commandId: randomUUID(),
        requestId,
        actor: { type: 'user', id: userId } as const,
        requestDigest: requestDigest('changeProfile', input),
        input,
      };
      await this.commands.send('changeProfile', envelope, { timeoutMs: TIMEOUT_MS });
    } catch (err) {
      this.log.warn('a profile could not be brought up to date', { requestId, userId, err });
    }
  }
}

/** What can be taken over. An address that the provider has not verified might be anybody's. */
export function profileOf({ name, email, email_verified: isVerified }: JWTPayload): Profile {
  const trimmed = typeof name === 'string' ? name.trim() : name;
  return {
    ...(nameProblem(trimmed) === undefined && { name: trimmed as string }),
    ...(isVerified === true && emailProblem(email) === undefined && { email: email as string }),
  };
}
