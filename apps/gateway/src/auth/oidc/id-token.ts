/** Whether an id token was signed by the provider, for us, for this login, and just now. */
import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LoginError } from './login-faults.ts';

export type IdTokenKeys = JWTVerifyGetKey;

/**
 * What a provider may sign with, whatever its metadata says: a key pair each. `none` proves nothing, and with an HMAC
 * the public key would be the secret.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const TOLERANCE_S = 60;
/** A token of the code flow is made when the code is redeemed. */
const MAX_AGE_S = 5 * 60;

export interface IdTokenChecks {
  keys: IdTokenKeys;
  issuer: string;
  clientId: string;
  nonce: string;
  nowMs: number;
}

/**
 * OpenID Connect Core 1.0, section 3.1.3.7. The signature is checked although the token comes from the provider over
 * TLS: a key pair is harder to stand in for than a host name.
 * @throws LoginError, or what jose throws when the keys cannot be read.
 */
export async function checkIdToken(
  token: string,
  { keys, issuer, clientId, nonce, nowMs }: IdTokenChecks,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer,
      audience: clientId,
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      maxTokenAge: MAX_AGE_S,
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(nowMs),
    });
    if (payload['nonce'] !== nonce) throw new LoginError('token-refused', 'the id token is of another login');
    if (typeof payload.sub !== 'string' || payload.sub === '' || payload.sub.length > 255)
      throw new LoginError('token-refused', 'the id token names no subject');
    return payload;
  } catch (error) {
    throw clockFault(error, nowMs) ?? error;
  }
}

/** A token fresh from the provider shows the provider's clock; jose hands out what it says once the signature holds. */
function clockFault(error: unknown, nowMs: number): LoginError | undefined {
  const { claim, payload } = error as { claim?: unknown; payload?: JWTPayload };
  if (claim !== 'exp' && claim !== 'iat' && claim !== 'nbf') return undefined;
  const issuedAt = payload?.iat;
  if (typeof issuedAt !== 'number') return undefined;
  const offS = Math.abs(nowMs / 1000 - issuedAt);
  if (offS <= TOLERANCE_S) return undefined;
  const off = offS < 120 ? `${Math.round(offS)} seconds` : `${Math.round(offS / 60)} minutes`;
  return new LoginError('clock-off', `the clocks here and at the identity provider are ${off} apart`, {
    shown: `They are about ${off} apart.`,
    cause: error,
  });
}
