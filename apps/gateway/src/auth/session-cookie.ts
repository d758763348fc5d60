/**
 * The cookie that carries a browser's session. Its name says what the browser promises of it: `__Host-` cookies are
 * set by this very host over https alone, so no neighbor under the same domain can plant one.
 */
import { type IncomingMessage } from 'node:http';
import { headerValues } from '../http/headers.ts';

/** Over http, which is on this machine alone. */
export const SESSION_COOKIE = 'mcpstack_session';

export class SessionCookie {
  /** The origin at which people reach the gateway, as browsers write it. */
  readonly origin: string;
  readonly name: string;
  readonly isSecure: boolean;

  /** @param publicUrl http only on this machine itself, for trying things out. */
  constructor(publicUrl: string) {
    const { origin, protocol } = new URL(publicUrl);
    this.origin = origin;
    this.isSecure = protocol === 'https:';
    this.name = this.isSecure ? `__Host-${SESSION_COOKIE}` : SESSION_COOKIE;
  }

  /** What the request's cookie says; `undefined` without one, and with two: which of them is ours is not guessed. */
  read(request: IncomingMessage): string | undefined {
    const start = `${this.name}=`;
    const values = headerValues(request, 'cookie')
      .flatMap((header) => header.split(';'))
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(start));
    return values.length === 1 ? values[0]!.slice(start.length) : undefined;
  }
}
