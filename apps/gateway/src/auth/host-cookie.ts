/**
 * A cookie of the gateway. Its name says what the browser promises of it: `__Host-` cookies are set by this very host
 * over https alone, so no neighbor under the same domain can plant one (RFC 6265bis).
 */
import { type IncomingMessage } from 'node:http';
import { type FastifyReply } from 'fastify';
import { headerValues } from '../http/headers.ts';

export class HostCookie {
  /** The origin at which people reach the gateway, as browsers write it. */
  readonly origin: string;
  readonly name: string;
  readonly isSecure: boolean;

  /** @param publicUrl http only on this machine itself, for trying things out. */
  constructor(publicUrl: string, name: string) {
    const { origin, protocol } = new URL(publicUrl);
    this.origin = origin;
    this.isSecure = protocol === 'https:';
    this.name = this.isSecure ? `__Host-${name}` : name;
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

  /**
   * `Lax`: the identity provider sends the browser back from another site, and what it began with has to come along.
   * @param value letters, digits, `_` and `-`.
   */
  set(reply: FastifyReply, value: string, lifeMs: number): void {
    const parts = [
      `${this.name}=${value}`,
      'Path=/',
      `Max-Age=${Math.max(0, Math.floor(lifeMs / 1000))}`,
      'HttpOnly',
      'SameSite=Lax',
      ...(this.isSecure ? ['Secure'] : []),
    ];
    void reply.header('Set-Cookie', parts.join('; '));
  }

  clear(reply: FastifyReply): void {
    this.set(reply, '', 0);
  }
}
