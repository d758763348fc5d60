/** Read model: one record per key, the credential index, and the list of an organization's keys. */
import type { ApiKey } from '@mcpstack/contracts';

/** The fold of one key's stream. */
export interface KeyRecord extends ApiKey {
  /** HMAC of the token's digest and the pepper it was made with. Never leaves the services. */
  credential: { digest: string; pepperVersion: number };
}
