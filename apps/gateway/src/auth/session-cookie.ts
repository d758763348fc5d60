/** The cookie that carries a browser's session. */
import { HostCookie } from './host-cookie.ts';

/** Over http, which is on this machine alone. */
export const SESSION_COOKIE = 'mcpstack_session';

export class SessionCookie extends HostCookie {
  constructor(publicUrl: string) {
    super(publicUrl, SESSION_COOKIE);
  }
}
