/** `mcpstack agents embed`: what a web page needs to embed an agent, ready to be pasted. */
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { publicKeys, type Answers } from './lists.ts';
import { agentId, publicKeyId } from './names.ts';
import { print } from './shown.ts';
import { listed } from './values.ts';

type PublicKey = Answers['PublicKeyAnswer'];

export async function embed(context: Context, agent: string, { key }: { key?: string }): Promise<void> {
  const orgId = await context.orgId();
  const id = await agentId(context, orgId, agent);
  const found =
    key === undefined ? await newest(context, orgId, id) : await asked(context, { orgId, id, key });
  const snippet = snippetOf(found.value, context.settings.apiUrl.value);
  print(context, snippet, { id: found.id, value: { keyId: found.id, key: found.value, snippet } });
  const pages = listed(found.origins.map(({ origin }) => origin));
  context.out.note(`It works on pages of ${pages}. @mcpstack/agent-sdk is what it imports.`);
}

/** A module of the page; what bundles it resolves the package. */
export function snippetOf(key: string, baseUrl: string): string {
  return [
    `import { createAgent } from '@mcpstack/agent-sdk';`,
    '',
    `const agent = createAgent({ key: '${key}', baseUrl: '${baseUrl}' });`,
    'const { id, name } = await agent.load();',
  ].join('\n');
}

async function newest(context: Context, orgId: string, agent: string): Promise<PublicKey> {
  for await (const key of publicKeys(context, orgId, { agentId: agent }))
    if (key.state === 'active') return key;
  throw new CliError('notFound', 'This agent has no publishable key in force.', {
    next: `Make one: mcpstack public-keys create --agent ${agent} --name <name> --origin <origin>`,
  });
}

async function asked(
  context: Context,
  { orgId, id, key }: { orgId: string; id: string; key: string },
): Promise<PublicKey> {
  const path = { orgId, keyId: await publicKeyId(context, orgId, key) };
  const { data } = await context.api.GET('/api/v1/organizations/{orgId}/public-keys/{keyId}', {
    params: { path },
  });
  if (data.agentId === id && data.state === 'active') return data;
  const why = data.agentId === id ? `is ${data.state}` : 'is of another agent';
  throw new CliError('usage', `The publishable key ${data.id} ${why}.`, {
    next: `See: mcpstack public-keys list --agent ${id}`,
  });
}
