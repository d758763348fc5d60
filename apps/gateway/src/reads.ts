/** The read models as the gateway reads them: only trusted readings, and problems for the rest. */
import type { ApiKey, Role } from '@mcpstack/contracts';
import type { Organization, Page, PageRequest, Reading, ReadModels } from '@mcpstack/read-models';
import { POSITION_WAIT_MS } from './http/position.ts';
import { unavailable } from './http/problem-response.ts';

export class Reads {
  constructor(private readonly models: ReadModels) {}

  /** The user's role; `undefined` for whoever is no member, and for an organization that does not exist. */
  async roleOf(organizationId: string, userId: string): Promise<Role | undefined> {
    const reading = await this.models.getMember(organizationId, userId);
    // A permission rests on this, so it must be fresh as well, not only from the live data set.
    if (performance.now() > reading.freshUntilMs) throw notProven(reading.reason);
    return trusted(reading)?.role;
  }

  async organization(organizationId: string): Promise<Organization | undefined> {
    return trusted(await this.models.getOrganization(organizationId));
  }

  async organizationsOf(userId: string): Promise<readonly (Organization & { role: Role })[]> {
    return trusted(await this.models.listOrganizationsOf(userId));
  }

  async key(organizationId: string, keyId: string): Promise<ApiKey | undefined> {
    return trusted(await this.models.getKey(organizationId, keyId));
  }

  async keys(organizationId: string, page: PageRequest): Promise<Page<ApiKey>> {
    return trusted(await this.models.listKeys(organizationId, page));
  }

  /** Waits until the read models have reached the position. @throws HttpProblem `unavailable` in time. */
  async reach(position: string): Promise<void> {
    if (await this.models.waitFor(position, POSITION_WAIT_MS)) return;
    throw unavailable('The read models have not reached this position yet. Repeat the request in a moment.');
  }

  /** Why nothing can be read now; `undefined` when all is well. */
  async problem(): Promise<string | undefined> {
    const reading = await this.models.position();
    return reading.trusted ? undefined : (reading.reason ?? 'the read models are not proven to be live');
  }
}

function trusted<Value>(reading: Reading<Value>): Value {
  if (!reading.trusted) throw notProven(reading.reason);
  return reading.value;
}

function notProven(reason: string | undefined): Error {
  return unavailable(
    'The read models are not proven to be up to date. Repeat the request in a moment.',
    reason === undefined ? undefined : new Error(reason),
  );
}
