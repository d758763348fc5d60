/** The cookie that tells a browser from all others while it logs in. */
import { type IncomingMessage } from 'node:http';
import { HostCookie } from '../host-cookie.ts';

/** As `randomText` makes them. */
const BROWSER = /^[\w-]{43}$/;

export class LoginCookie extends HostCookie {
  constructor(publicUrl: string) {
    super(publicUrl, 'mcpstack_login');
  }

  /** What is none of ours counts as nothing. */
  override read(request: IncomingMessage): string | undefined {
    const value = super.read(request);
    return value !== undefined && BROWSER.test(value) ? value : undefined;
  }
}
