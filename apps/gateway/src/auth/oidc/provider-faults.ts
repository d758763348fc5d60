/** What openid-client and jose throw, as the fault of a login. */
import { ConfigError } from '@mcpstack/service-kit';
import * as client from 'openid-client';
import { errors } from 'jose';
import { LoginError } from './login-faults.ts';

const DOWN: ReadonlySet<unknown> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);
const UNUSABLE: ReadonlySet<unknown> = new Set([
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
]);
/** Codes of RFC 6749, section 5.2, that speak of us and not of this login. */
const OUR_FAULT: ReadonlySet<string> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);

/** @throws what is no fault of a login but ours. */
export function asLoginError(error: unknown): LoginError {
  if (error instanceof LoginError) return error;
  if (error instanceof ConfigError) return new LoginError('provider-unusable', error.message);
  if (error instanceof client.AuthorizationResponseError) return refused(error);
  if (error instanceof client.ResponseBodyError) return answered(error);
  if (error instanceof errors.JOSEError) return ofJose(error);
  const code = (error as { code?: unknown } | null)?.code;
  if (UNUSABLE.has(code)) return fault('provider-unusable', 'it is not what OIDC_ISSUER says', error);
  if (DOWN.has(code)) return fault('provider-down', 'it does not answer as a provider does', error);
  // As fetch throws it, of whichever realm.
  const { name, cause } = error as Partial<Error>;
  if (name === 'TypeError' && cause !== undefined)
    return fault('provider-down', 'it cannot be reached', error);
  if (error instanceof client.ClientError && typeof code === 'string')
    return fault('token-refused', 'its answer proves nothing', error);
  // An answer that was cut off while it was read.
  if (error instanceof client.ClientError) return fault('provider-down', 'it cannot be read', error);
  throw error;
}

/** The texts of the libraries hold what they compared, so of the cause only its code is told. */
function fault(code: LoginError['code'], what: string, cause: unknown): LoginError {
  const codes = codesOf(cause);
  return new LoginError(code, codes.length === 0 ? what : `${what} (${codes.join(', ')})`);
}

function codesOf(error: unknown): string[] {
  const found: string[] = [];
  for (let at = error; at instanceof Error && found.length < 4; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^[\w-]{1,64}$/.test(code) && !found.includes(code)) found.push(code);
  }
  return found;
}

/** The provider sent the browser back with an error (RFC 6749, section 4.1.2.1). */
function refused({ error, error_description: description }: client.AuthorizationResponseError): LoginError {
  const code = plainCode(error);
  if (error === 'temporarily_unavailable' || error === 'server_error')
    return new LoginError('provider-down', `it answered ${code}`);
  const said = description === undefined ? '' : `: ${description.slice(0, 300)}`;
  return new LoginError('provider-refused', `it answered ${code}`, { shown: `${code}${said}` });
}

/** The token endpoint answered an error (RFC 6749, section 5.2). */
function answered({ error, status }: client.ResponseBodyError): LoginError {
  const what = `its token endpoint answered ${status} ${plainCode(error)}`;
  if (status >= 500) return new LoginError('provider-down', what);
  if (OUR_FAULT.has(error) || status === 401) return new LoginError('provider-unusable', what);
  return new LoginError('code-refused', what);
}

function ofJose(error: errors.JOSEError): LoginError {
  // The one of a general kind is thrown where the keys were asked for and no keys came.
  const isDown = error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JOSE_GENERIC';
  if (isDown) return fault('provider-down', 'its keys cannot be read', error);
  return fault('token-refused', 'its id token is not good', error);
}

function plainCode(text: string): string {
  return /^[a-z_]{1,64}$/.test(text) ? text : 'an error of its own';
}
