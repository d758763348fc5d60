/** The one exception filter: whatever goes wrong is answered as `application/problem+json`. */
import { PROBLEMS, ProblemError } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asProblem, HttpProblem, problemBody, problemHeaders } from './problem-response.ts';
import { RouteTable } from './route-table.ts';

@Catch()
export class HttpProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    // Too late for an answer of ours: the client left, or the answer is on its way.
    if (reply.sent) return;
    if (isHealthReport(error)) {
      void reply.status(error.getStatus()).send(error.getResponse());
      return;
    }
    const problem = this.refuseMethod(request) ?? asProblem(error);
    if (problem.code === 'internal') {
      this.log.error('request failed', { requestId: request.id, err: error });
    } else if (PROBLEMS[problem.code].status >= 500) {
      const reason = problem.cause instanceof Error ? problem.cause.message : problem.message;
      this.log.warn('request not answered', { requestId: request.id, code: problem.code, reason });
    }
    void reply
      .status(PROBLEMS[problem.code].status)
      .headers(problemHeaders(problem))
      .send(problemBody(problem, request.id));
  }

  /** An unknown route whose path answers other methods: 405 with `Allow` (RFC 9110, section 15.5.6). */
  private refuseMethod(request: FastifyRequest): ProblemError | undefined {
    const methods = request.is404 ? this.routes.methodsOf(request.url) : [];
    if (methods.length === 0 || methods.includes(request.method)) return undefined;
    const allow = methods.join(', ');
    return new HttpProblem('method-not-allowed', `This address answers ${allow}.`, { Allow: allow });
  }
}

/** The health route answers its own report with 503: it says what is wrong, for probes and people. */
function isHealthReport(error: unknown): error is HttpException {
  return (
    error instanceof HttpException &&
    typeof error.getResponse() === 'object' &&
    'checks' in (error.getResponse() as object)
  );
}
