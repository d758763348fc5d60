/** The session of a browser: begun by a login, shown by its cookie. */
import { Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { SessionCookie } from '../session-cookie.ts';
import { Sessions, type FoundSession } from '../sessions.ts';
import { browserLabel } from './browser-label.ts';

@Injectable()
export class BrowserSessions {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
  ) {}

  /**
   * Whose browser this is; `undefined` where nobody is logged in. A device's token is no login, wherever it stands:
   * whoever finds one could let further devices in with it, and stay when it has run out.
   */
  async find(request: FastifyRequest): Promise<FoundSession | undefined> {
    const token = this.cookie.read(request.raw);
    const credential = token === undefined ? undefined : this.sessions.credentialOf(token);
    const found = credential && (await this.sessions.find(credential));
    return found?.kind === 'browser' ? found : undefined;
  }

  /**
   * A new session with a token of its own, whatever cookie the browser brought: somebody else may have put it there
   * (session fixation). The session of that cookie ends.
   */
  async begin(userId: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const before = await this.find(request);
    const label = browserLabel(request.headers['user-agent']);
    const { token, expiresAt } = await this.sessions.begin({ userId, kind: 'browser', label });
    if (before) await this.sessions.end(before.userId, before.sessionId);
    this.cookie.set(reply, token, Date.parse(expiresAt) - Date.now());
  }

  /** Ends the session of this browser, where it has one, and takes the cookie away. */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const session = await this.find(request);
    if (session) await this.sessions.end(session.userId, session.sessionId);
    this.cookie.clear(reply);
  }
}
