/** Where secrets are made (G1). */
import { makeToken, tokenDigest } from '@mcpstack/contracts';
import type { Credential } from '@mcpstack/domain';
import { type Peppers } from '@mcpstack/service-kit';

/** Makes secrets. What it answers exists nowhere else: show the token once, store the credential. */
export class Mint {
  constructor(
    private readonly peppers: Peppers,
    private readonly tokenPrefix: string,
  ) {}

  serviceKey(): { token: string; credential: Credential } {
    const token = makeToken('service', this.tokenPrefix);
    return { token, credential: this.peppers.credential(tokenDigest(token)) };
  }
}
