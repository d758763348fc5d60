/** The API as the page calls it: by the session's cookie, from the page's own origin. */
import { ApiProblem, createClient, type components } from '@mcpstack/api-client';
import { sendSameAgain } from './same-again.ts';
import { session } from './session.ts';

/** A shape of the API's document, such as `Schema<'ApiKeyAnswer'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];
export { ApiProblem };

export const api = createClient({
  baseUrl: location.origin,
  deadlineMs: 15_000,
  tryTimeoutMs: 8_000,
  tries: 4,
  fetch: async (request) => {
    const response = await sendSameAgain(request);
    if (response.status === 401) session.ended();
    return response;
  },
});

/** Whatever was thrown, as something that can be shown. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    { code: 'unexpected-answer', detail: 'The page itself failed. Reload it, and try again.' },
    { cause: error },
  );
}
