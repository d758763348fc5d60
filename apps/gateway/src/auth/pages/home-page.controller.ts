/** Where a login leads that was to lead nowhere else: who is logged in here, and where to go on. */
import { html } from '@mcpstack/service-kit';
import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Accepts } from '../../http/accepts.ts';
import { Access } from '../access.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { PageFilter } from './page-filter.ts';
import { showPage } from './show-page.ts';

@ApiExcludeController()
@UseFilters(PageFilter)
@Access({ to: 'public' })
@Controller('/')
export class HomePageController {
  constructor(private readonly sessions: BrowserSessions) {}

  @Get()
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
            Let a device in on <a href="/auth/device">its page</a>, or read about
            <a href="/api/docs">the API</a>.
          </p>`
      : html`<p>Keys and service accounts of your organization.</p>
          <p><a href="/auth/login">Log in</a>, or read about <a href="/api/docs">the API</a>.</p>`;
    return showPage(reply, { title: 'MCPStack Keys', body });
  }
}
