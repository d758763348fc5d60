/** The typed client as commands use it: an answer that is not the API's is a problem like any other. */
import {
  ApiProblem,
  createClient,
  type Answer,
  type ApiClient,
  type ClientSettings,
} from '@mcpstack/api-client';

export type Call = (path: string, init?: object) => Promise<Answer<unknown>>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export function makeClient(settings: ClientSettings): ApiClient {
  const client = createClient(settings);
  const call =
    (method: Method): Call =>
    async (path, init) => {
      try {
        const answer = await (client[method] as Call)(path, init);
        const isEmpty = typeof answer.data !== 'object' || answer.data === null;
        if (answer.response.status === 200 && isEmpty) throw unexpectedAnswer('The answer is empty.');
        return answer;
      } catch (error) {
        // A page of HTML with status 200, say.
        if (error instanceof SyntaxError) throw unexpectedAnswer('The answer is no JSON.', error);
        throw error;
      }
    };
  return withCalls(call, () => client.position);
}

/** A client of calls that are all made in one way. */
export function withCalls(call: (method: Method) => Call, position: () => string | undefined): ApiClient {
  return {
    GET: call('GET') as ApiClient['GET'],
    POST: call('POST') as ApiClient['POST'],
    PUT: call('PUT') as ApiClient['PUT'],
    PATCH: call('PATCH') as ApiClient['PATCH'],
    DELETE: call('DELETE') as ApiClient['DELETE'],
    get position() {
      return position();
    },
  };
}

/** The list in an answer. @throws ApiProblem where there is none. */
export function listIn<Item>({ data }: { data: readonly Item[] }): readonly Item[] {
  // What answers need not be the API.
  if (!Array.isArray(data)) throw unexpectedAnswer('The answer has no list.');
  return data as readonly Item[];
}

/** Whether the API itself refuses the credential; a proxy before it knows nothing of ours. */
export function isRefusal(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.status === 401 && error.code !== 'unexpected-answer';
}

export function unexpectedAnswer(detail: string, cause?: unknown): ApiProblem {
  return new ApiProblem({ code: 'unexpected-answer', detail }, { cause });
}
