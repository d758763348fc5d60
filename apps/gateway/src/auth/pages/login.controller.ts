/** Logging in with a browser: to the identity provider and back. */
import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Accepts } from '../../http/accepts.ts';
import { Access } from '../access.ts';
import { LoginCookie } from '../oidc/login-cookie.ts';
import { BrowserLogin } from '../oidc/browser-login.ts';
import { LOGIN_LIFE_MS } from '../oidc/logins.ts';
import { isOtherName, returnPath } from '../oidc/return-to.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { PageFilter } from './page-filter.ts';
import { loginUrl, redirect } from './show-page.ts';

@ApiExcludeController()
@UseFilters(PageFilter)
@Access({ to: 'public' })
@Controller('auth')
export class LoginController {
  constructor(
    private readonly logins: BrowserLogin,
    private readonly sessions: BrowserSessions,
    private readonly cookie: LoginCookie,
  ) {}

  @Get('login')
  @Accepts({ query: ['returnTo'] })
  async login(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { returnTo } = request.query as Record<string, unknown>;
    const { origin } = this.cookie;
    if (isOtherName(request.headers.host, origin))
      return redirect(reply, loginUrl(origin, returnPath(returnTo)));
    const begun = await this.logins.begin(returnTo, this.cookie.read(request.raw), request.ip);
    this.cookie.set(reply, begun.browser, LOGIN_LIFE_MS);
    return redirect(reply, begun.url);
  }

  /** Providers add to the query what they like: `iss`, `session_state`, `scope`. */
  @Get('callback')
  @Accepts({ query: 'any' })
  async callback(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const query = request.url.split('?').slice(1).join('?');
    const { userId, returnTo } = await this.logins.finish(query, this.cookie.read(request.raw), request.id);
    await this.sessions.begin(userId, request, reply);
    return redirect(reply, `${this.cookie.origin}${returnTo}`);
  }
}
