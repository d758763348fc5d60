/** `mcpstack public-keys try`: asks as a web page would, so that an embed can be tried before the page is there. */
import { type ApiProblem } from '@mcpstack/api-client';
import { makeApi } from '../api.ts';
import { isRefusal } from '../client.ts';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { plain } from '@mcpstack/terminal';
import { publicKeyId } from './names.ts';
import { show } from './shown.ts';

const VALUE = /^[a-z][a-z0-9]{1,15}_pk_[0-9A-Za-z]{49}$/;

export async function tryKey(context: Context, key: string, { origin }: { origin: string }): Promise<void> {
  const token = VALUE.test(key) ? key : await valueOf(context, key);
  const { apiUrl, timeoutMs } = context.settings;
  // The key stands in for the page: neither a login nor a service key of the caller goes along.
  const page = makeApi({
    apiUrl: apiUrl.value,
    bearer: { token: () => token },
    progress: context.progress,
    timeoutMs,
  });
  const params = { header: { Origin: origin } };
  const { data } = await page.GET('/api/v1/embed/agent', { params }).catch((error: unknown) => {
    throw isRefusal(error) ? refused(error, { key, origin, apiUrl: apiUrl.value }) : error;
  });
  show(
    context,
    data,
    [
      { title: 'Agent', of: ({ agent }) => agent.name },
      { title: 'Agent id', of: ({ agent }) => agent.id },
      { title: 'Key', of: ({ key: { id } }) => id },
      { title: 'Works at', of: () => origin },
    ],
    { id: data.agent.id },
  );
}

/** Of the key, not of whoever asks: no login would change it. */
function refused(
  problem: ApiProblem,
  { key, origin, apiUrl }: { key: string; origin: string; apiUrl: string },
): CliError {
  const which = VALUE.test(key) ? '<its id or name>' : plain(key);
  return new CliError('forbidden', `${apiUrl} does not accept the publishable key: ${problem.detail}`, {
    code: problem.code,
    next: `To see why: mcpstack public-keys explain ${which} --origin ${plain(origin)}`,
    requestId: problem.requestId,
    cause: problem,
  });
}

async function valueOf(context: Context, key: string): Promise<string> {
  const orgId = await context.orgId();
  const path = { orgId, keyId: await publicKeyId(context, orgId, key) };
  const { data } = await context.api.GET('/api/v1/organizations/{orgId}/public-keys/{keyId}', {
    params: { path },
  });
  return data.value;
}
