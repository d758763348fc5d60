/** Answers a page, and ways to other ones. */
import { page, pageHeaders, type PageParts } from '@mcpstack/service-kit';
import type { FastifyReply } from 'fastify';

export interface PageOptions {
  status?: number;
  /** Browsers say with a form where it comes from, unless the page forbids them to say it anywhere. */
  hasForm?: boolean;
}

export function showPage(
  reply: FastifyReply,
  parts: PageParts,
  { status = 200, hasForm = false }: PageOptions = {},
): string {
  void reply.status(status).headers({
    ...pageHeaders(),
    // The address of a callback holds what nobody else should read, ourselves included.
    ...(!hasForm && { 'Referrer-Policy': 'no-referrer' }),
  });
  return page(parts);
}

/** 303: whatever brought the browser here, it goes on with GET. */
export function redirect(reply: FastifyReply, url: string): string {
  void reply.status(303).header('Location', url);
  return '';
}

/** Where a login begins that leads to `returnTo`. */
export function loginUrl(origin: string, returnTo: string): string {
  const query = returnTo === '/' ? '' : `?${new URLSearchParams({ returnTo }).toString()}`;
  return `${origin}/auth/login${query}`;
}
