/** Whatever goes wrong on a page is answered as a page. */
import { PROBLEMS } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asProblem, problemHeaders } from '../../http/problem-response.ts';
import { SessionCookie } from '../session-cookie.ts';
import { LOGIN_FAULTS, LoginError } from '../oidc/login-faults.ts';
import { returnPath } from '../oidc/return-to.ts';
import { faultPage, problemPage } from './fault-pages.ts';
import { loginUrl, showPage } from './show-page.ts';

@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly cookie: SessionCookie,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    void reply.send(
      error instanceof LoginError ? this.fault(error, request, reply) : this.problem(error, request, reply),
    );
  }

  private fault(error: LoginError, request: FastifyRequest, reply: FastifyReply): string {
    const status = LOGIN_FAULTS[error.code];
    this.log.warn('a login did not come about', {
      requestId: request.id,
      code: error.code,
      reason: error.message,
    });
    if (status === 503) void reply.header('Retry-After', '1');
    return showPage(reply, faultPage(error, this.again(request, error.returnTo)), { status });
  }

  private problem(error: unknown, request: FastifyRequest, reply: FastifyReply): string {
    const problem = asProblem(error);
    const { status } = PROBLEMS[problem.code];
    if (problem.code === 'internal') {
      this.log.error('request failed', { requestId: request.id, err: error });
    } else if (status >= 500) {
      const reason = problem.cause instanceof Error ? problem.cause.message : problem.message;
      this.log.warn('request not answered', { requestId: request.id, code: problem.code, reason });
    }
    void reply.headers(problemHeaders(problem));
    return showPage(reply, problemPage(problem, request.id, this.again(request)), { status });
  }

  /** By the public address: whoever came by another one would lose the cookie on the way back. */
  private again(request: FastifyRequest, returnTo = wantedBy(request)): string {
    return loginUrl(this.cookie.origin, returnTo);
  }
}

/** What somebody was on the way to when the request failed. */
function wantedBy({ query, url, method }: FastifyRequest): string {
  const { returnTo } = query as Record<string, unknown>;
  const isDevicePage = method === 'GET' && url.split('?', 1)[0] === '/auth/device';
  return returnPath(isDevicePage ? url : returnTo);
}
