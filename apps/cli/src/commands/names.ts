/** What stands on a command line for a thing: its id, which is taken as it stands, or a name that is no other's. */
import { isId, type IdKind } from '@mcpstack/contracts';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { plain } from '@mcpstack/terminal';
import {
  agents,
  apiKeys,
  domains,
  invitations,
  members,
  organizations,
  publicKeys,
  servers,
  webhooks,
} from './lists.ts';
import { listed, meant } from './values.ts';

/** One thing under one of its names. */
interface Candidate {
  id: string;
  name: string;
  /** What has ended gives way to what has not: a name may be used again. */
  hasEnded?: boolean;
}

type Reference = (context: Context, orgId: string, text: string) => Promise<string>;

export const apiKeyId: Reference = (context, orgId, text) =>
  idOf('key', 'service key', text, () => keyNames(apiKeys(context, orgId)), 'mcpstack api-keys list');

export const publicKeyId: Reference = (context, orgId, text) =>
  idOf(
    'key',
    'publishable key',
    text,
    () => keyNames(publicKeys(context, orgId)),
    'mcpstack public-keys list',
  );

export const agentId: Reference = (context, orgId, text) =>
  idOf('agent', 'agent', text, () => agents(context, orgId), 'mcpstack agents list');

export const serverId: Reference = (context, orgId, text) =>
  idOf('server', 'server', text, () => servers(context, orgId), 'mcpstack servers list');

/** A webhook by id, or by its name where it has one. */
export const webhookId: Reference = (context, orgId, text) => {
  const names = async function* (): AsyncGenerator<Candidate> {
    for await (const { id, name } of webhooks(context, orgId)) if (name !== undefined) yield { id, name };
  };
  return idOf('webhook', 'webhook', text, names, 'mcpstack webhooks list');
};

/** A member by id, e-mail address or name. Names are free: one that looks like an address is nobody's address. */
export const memberId: Reference = (context, orgId, text) => {
  const names = async function* (): AsyncGenerator<Candidate> {
    for await (const { userId, email, name } of members(context, orgId))
      for (const one of text.includes('@') ? [email] : [email, name])
        if (one !== undefined) yield { id: userId, name: one };
  };
  return idOf('user', 'member', text, names, 'mcpstack members list');
};

/** An invitation by id or by the address that was invited. */
export const invitationId: Reference = (context, orgId, text) => {
  const names = async function* (): AsyncGenerator<Candidate> {
    for await (const { id, email, state } of invitations(context, orgId))
      if (email !== undefined) yield { id, name: email, hasEnded: state !== 'pending' };
  };
  return idOf('invitation', 'invitation', text, names, 'mcpstack invitations list');
};

/** A domain of one agent, by id or by the domain itself. */
export const domainId = (context: Context, orgId: string, agent: string, text: string): Promise<string> => {
  const names = async () =>
    (await domains(context, orgId, agent)).map(({ id, domain }) => ({ id, name: domain }));
  return idOf(
    'domain',
    'domain of this agent',
    text.toLowerCase(),
    names,
    'mcpstack domains list --agent …',
    {
      given: text,
    },
  );
};

/** An organization of the caller. */
export const organizationId = (context: Context, text: string): Promise<string> =>
  idOf('organization', 'organization', text, () => organizations(context), 'mcpstack org list');

async function* keyNames(
  keys: AsyncIterable<{ id: string; name: string; state: string }>,
): AsyncGenerator<Candidate> {
  for await (const { id, name, state } of keys) yield { id, name, hasEnded: state === 'revoked' };
}

async function idOf(
  kind: IdKind,
  noun: string,
  text: string,
  candidates: () => AsyncIterable<Candidate> | Promise<readonly Candidate[]>,
  list: string,
  { given = text } = {},
): Promise<string> {
  if (isId(kind, given)) return given;
  const found = new Map<string, Candidate>();
  const names = new Set<string>();
  for await (const candidate of await candidates()) {
    names.add(candidate.name);
    if (candidate.name === text) found.set(candidate.id, candidate);
  }
  const all = [...found.values()];
  const inForce = all.filter(({ hasEnded }) => !hasEnded);
  const [one, ...others] = inForce.length > 0 ? inForce : all;
  if (one === undefined)
    throw new CliError('notFound', `There is no ${noun} "${plain(given)}".${meant(text, [...names])}`, {
      next: `See: ${list}`,
    });
  if (others.length === 0) return one.id;
  const ids = [one, ...others].slice(0, 5).map(({ id }) => id);
  throw new CliError('usage', `${others.length + 1} ${noun}s have the name "${plain(given)}".`, {
    code: 'ambiguous-name',
    next: `Say which by its id: ${listed(ids, 'or')}`,
  });
}
