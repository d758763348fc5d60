/** Where a login leads that was to lead nowhere else: who is logged in here, where to go on, and the way out. */
import { html } from '@mcpstack/service-kit';
import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Accepts } from '../../http/accepts.ts';
import { LOGOUT_PAGE_PATH } from '../../http/adapter.ts';
import { Access } from '../access.ts';
import { refuseCrossSite } from '../cross-site.ts';
import { SessionCookie } from '../session-cookie.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { PageFilter } from './page-filter.ts';
import { redirect, showPage } from './show-page.ts';

@ApiExcludeController()
@UseFilters(PageFilter)
@Access({ to: 'public' })
@Controller('/')
export class HomePageController {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly cookie: SessionCookie,
  ) {}

  @Get('auth')
  @Accepts({ query: 'any' })
  async home(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const session = await this.sessions.find(request);
    const body = session
      ? html`<p class="good">You are logged in.</p>
          <dl>
            <dt>You are</dt>
            <dd>${session.userId}</dd>
          </dl>
          <p>
            Go to the <a href="/">console</a>, let a device in on <a href="/auth/device">its page</a>, or read
            about <a href="/api/docs">the API</a>.
          </p>
          <form method="post" action="${LOGOUT_PAGE_PATH}">
            <button type="submit" class="quiet">Log out</button>
          </form>`
      : html`<p>Keys and service accounts of your organization.</p>
          <p><a href="/auth/login">Log in</a>, or read about <a href="/api/docs">the API</a>.</p>`;
    return showPage(reply, { title: 'MCPStack Keys', body }, { hasForm: session !== undefined });
  }

  /** The form of the page above. The identity provider goes on as it is. */
  @Post(LOGOUT_PAGE_PATH.slice(1))
  @Accepts({ body: 'form' })
  async logout(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    refuseCrossSite(request.raw, this.cookie.origin);
    await this.sessions.end(request, reply);
    return redirect(reply, `${this.cookie.origin}/auth`);
  }
}
