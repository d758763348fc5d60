/** Reports of leaked keys: whatever secret is shown, and works, is revoked before the answer. */
import { tokenDigest, uuidFrom, type IdentifiedKey, type ReportCredentialsInput } from '@mcpstack/contracts';
import { keyCredential } from '../auth/credentials.ts';
import { HttpProblem } from '../http/problem-response.ts';
import type { Identify } from './identify.ts';
import type { SystemCommands } from './system-commands.ts';

/**
 * Reports of one source that are worked on at once; each may look up and revoke a thousand keys. Anybody may report as
 * a holder: that must not keep out what GitHub found.
 */
const MAX_IN_FLIGHT = 8;

export class LeakReports {
  private readonly inFlight = { holder: 0, github: 0 };

  constructor(
    private readonly identify: Identify,
    private readonly commands: SystemCommands,
    private readonly prefix: string,
  ) {}

  /**
   * Revokes the service keys in force among these tokens (at most 1,000), finally (G3). Texts that are no token of a
   * service key are passed over, publishable keys among them: they are no secret.
   * @returns for each token the service key that it is of, whatever its state; `undefined` for none.
   * @throws HttpProblem `too-many-requests`, `unavailable`; ProblemError `not-final`.
   */
  async report(
    tokens: readonly string[],
    source: ReportCredentialsInput['source'],
    requestId: string,
  ): Promise<readonly (IdentifiedKey | undefined)[]> {
    if (this.inFlight[source] >= MAX_IN_FLIGHT) {
      const detail = 'Too many reports are being worked on. Repeat the request in a moment.';
      throw new HttpProblem('too-many-requests', detail, { 'Retry-After': '1' });
    }
    this.inFlight[source] += 1;
    try {
      const found = await this.serviceKeysOf(tokens);
      await this.revoke(tokens, found, source, requestId);
      return found;
    } finally {
      this.inFlight[source] -= 1;
    }
  }

  private async serviceKeysOf(tokens: readonly string[]): Promise<readonly (IdentifiedKey | undefined)[]> {
    const shown = tokens.map((token) => keyCredential(token, this.prefix));
    const digests = new Set(shown.flatMap((one) => (one.type === 'key' ? [one.digest] : [])));
    const keys = await this.identify.keysOf([...digests]);
    const byDigest = new Map([...digests].map((digest, at) => [digest, keys[at]]));
    return shown.map((one) => {
      const key = one.type === 'key' ? byDigest.get(one.digest) : undefined;
      return key?.kind === 'service' ? key : undefined;
    });
  }

  private async revoke(
    tokens: readonly string[],
    found: readonly (IdentifiedKey | undefined)[],
    source: ReportCredentialsInput['source'],
    requestId: string,
  ): Promise<void> {
    const credentials = new Map<string, ReportCredentialsInput['credentials'][number]>();
    for (const [at, key] of found.entries()) {
      // A revoked one too: an earlier report may have been recorded and not yet final (G3).
      if (!key || key.state === 'expired') continue;
      const digest = tokenDigest(tokens[at]!);
      credentials.set(digest, { organizationId: key.organizationId, keyId: key.keyId, digest });
    }
    if (credentials.size === 0) return;
    // The same report again is the same command, whatever its order: a retry after a lost answer, or a second report
    // meanwhile, waits for the first one's effect.
    const digests = [...credentials.keys()].sort();
    const input = { credentials: digests.map((digest) => credentials.get(digest)!), source };
    const commandId = uuidFrom(JSON.stringify(['report', source, digests]));
    await this.commands.send('reportCredentials', input, { commandId, requestId });
  }
}
