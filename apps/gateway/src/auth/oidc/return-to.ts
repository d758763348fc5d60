/** Where a browser goes after login: a path of this gateway, whatever was asked for. */
import { isLoopback } from './login-settings.ts';

/** It is kept with each login that anybody begins. */
const MAX_LENGTH = 500;
/** Only there to be read against; it is never where anybody is sent. */
const ANY_ORIGIN = 'http://gateway.invalid';
/** Going there again would log in again, for ever. */
const LOGIN_PATHS: ReadonlySet<string> = new Set(['/auth/login', '/auth/callback']);

/**
 * The path to go to, with query and fragment; `/` for all that is not plainly a path of our own. Browsers drop tabs and
 * line ends from addresses and take `\` for `/`, so a text with any of them is not looked at; and `/.//host` is `//host`
 * once it is resolved, so what comes out is looked at again.
 */
export function returnPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return '/';
  if (!text.startsWith('/') || /[\\\p{C}\s]/u.test(text)) return '/';
  if (text.startsWith('//') || !URL.canParse(text, ANY_ORIGIN)) return '/';
  const url = new URL(text, ANY_ORIGIN);
  if (url.origin !== ANY_ORIGIN || url.pathname.startsWith('//')) return '/';
  if (LOGIN_PATHS.has(url.pathname)) return '/';
  // Encoded it may be longer than it was.
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.length > MAX_LENGTH ? '/' : path;
}

/**
 * Whether a request came by another name of this machine than browsers are told: its cookies would not be found again.
 * The port must be the same, or a proxy that goes by the other name would be sent round in circles.
 */
export function isOtherName(host: string | undefined, publicUrl: string): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const [here, there] = [new URL(`http://${host}`), new URL(publicUrl)];
  const areLocal = isLoopback(here.hostname) && isLoopback(there.hostname);
  return areLocal && here.port === there.port && here.hostname !== there.hostname;
}
