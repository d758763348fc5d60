/** Where secrets are made, and what is stored of them (G1). */
import { makeInvitationToken, makeToken, tokenDigest } from '@mcpstack/contracts';
import type { Credential } from '@mcpstack/domain';
import { type Peppers } from '@mcpstack/service-kit';

/** A new secret. The token exists nowhere else: show it once, store the credential. */
export interface Minted {
  token: string;
  credential: Credential;
}

export class Mint {
  constructor(
    private readonly peppers: Peppers,
    private readonly tokenPrefix: string,
  ) {}

  serviceKey(): Minted {
    return this.minted(makeToken('service', this.tokenPrefix));
  }

  /** Its token is no secret, and made in the same way. */
  publishableKey(): Minted {
    return this.minted(makeToken('publishable', this.tokenPrefix));
  }

  invitation(where: { invitationId: string; organizationId: string }): Minted {
    return this.minted(makeInvitationToken(where, this.tokenPrefix));
  }

  /** Of a token that somebody else made, by its SHA-256, hexadecimal. */
  credential(digest: string): Credential {
    return this.peppers.credential(digest);
  }

  /** Whether the credential is that of the token with this SHA-256, under whichever pepper it was stored. */
  recognizes(digest: string, credential: Credential): boolean {
    return this.peppers.candidates(digest).includes(credential.digest);
  }

  /**
   * A digest of something that holds digests of tokens, or an address, so that the log confirms no guess of them (G1). Always
   * under the oldest pepper: it is compared with what an earlier try of the same command stored.
   */
  blind(digest: string): string {
    return this.peppers.candidates(digest).at(-1)!;
  }

  /** The cause of a command whose input holds digests of tokens, as it may be stored. */
  blinded<Of extends { requestDigest: string }>(cause: Of): Of {
    return { ...cause, requestDigest: this.blind(cause.requestDigest) };
  }

  private minted(token: string): Minted {
    return { token, credential: this.peppers.credential(tokenDigest(token)) };
  }
}
