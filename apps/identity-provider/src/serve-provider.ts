/** One server for both: our own routes, and the provider behind everything else. */
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { errorPage, type ShownPage } from './pages.ts';

const LOGIN = /^\/login\/[^/?]+(\?|$)/;

/**
 * The provider reads requests by itself, so they are handed on before Fastify reads them. It also makes addresses of the
 * host that a request names: another name than the issuer's (a page that rebinds its own to this machine) gets no answer.
 */
export function serveProvider(adapter: FastifyAdapter, provider: Provider, issuer: string): void {
  const { host } = new URL(issuer);
  const answer = provider.callback();
  adapter.getInstance().addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const path = request.raw.url ?? '';
    if (path.startsWith('/health/')) return done();
    if (request.headers.host !== host) {
      const description = `This identity provider answers at ${issuer} alone.`;
      return send(reply, 421, errorPage(421, 'misdirected', description));
    }
    if (LOGIN.test(path)) return done();
    reply.hijack();
    void answer(request.raw, reply.raw);
  });
}

export function send(reply: FastifyReply, status: number, { headers, text }: ShownPage): void {
  void reply.status(status).headers(headers).send(text);
}
