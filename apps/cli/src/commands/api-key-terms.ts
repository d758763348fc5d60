/** Options that say what a service key may do, and those that find keys. */
import { type Command } from 'commander';
import { isId, type Permission, type Quota, type RateLimit } from '@mcpstack/contracts';
import { type Context } from '../context.ts';
import { type KeyQuery } from './lists.ts';
import { agentId, memberId, serverId } from './names.ts';
import { timeAhead, timeBack } from './times.ts';
import { asIs, permissionOf, quotaOf, rateLimitOf, several } from './values.ts';
import { roleOption } from './verb.ts';

export interface TermOptions {
  permission?: Permission[];
  agent?: string[];
  server?: string[];
  expires?: string;
  ip?: string[];
  rateLimit?: RateLimit[];
  quota?: Quota[];
}

interface Terms {
  permissions?: Permission[];
  scope?: { agents?: string[]; servers?: string[] };
  expiresAt?: string;
  allowedIps?: string[];
  limits?: RateLimit[];
  quotas?: Quota[];
}

/** What bounds a key. Options that take several may be repeated, or take a list with commas. */
export function withTerms(command: Command): Command {
  return command
    .option(
      '--permission <permission>',
      'only these of what the role may, with commas or repeated',
      several(permissionOf),
    )
    .option('--agent <agent>', 'only for these agents, by id or name', several(asIs))
    .option('--server <server>', 'only for these servers, by id or name', several(asIs))
    .option('--ip <address>', 'only from these addresses or CIDR blocks', several(asIs))
    .option('--expires <time>', 'when it ends: a date, or 90d for 90 days', (text) => timeAhead(text))
    .option('--rate-limit <limit>', 'such as burst=50/1s: 50 in any second', several(rateLimitOf))
    .option('--quota <quota>', 'such as monthly=100000/month: so many a month', several(quotaOf));
}

/** The same as fields of the API, names turned into ids. */
export async function termsOf(context: Context, orgId: string, options: TermOptions): Promise<Terms> {
  const { permission, agent, server, expires, ip, rateLimit, quota } = options;
  const agents = await all(agent, (text) => agentId(context, orgId, text));
  const servers = await all(server, (text) => serverId(context, orgId, text));
  return {
    ...(permission && { permissions: permission }),
    ...((agents ?? servers) && { scope: { ...(agents && { agents }), ...(servers && { servers }) } }),
    ...(expires !== undefined && { expiresAt: expires }),
    ...(ip && { allowedIps: ip }),
    ...(rateLimit && { limits: rateLimit }),
    ...(quota && { quotas: quota }),
  };
}

export type FilterOptions = Omit<KeyQuery, 'state'>;

/** Which keys are meant; each option narrows it further. */
export function withFilter(command: Command): Command {
  return command
    .addOption(roleOption('only those with this role'))
    .option('--tag <tag>', 'only those with this tag')
    .option('--environment <name>', 'only those of this environment')
    .option('--created-by <who>', 'only those made by this member, by id, e-mail or name, or by this key')
    .option('--unused-since <time>', 'only those not used since: a date, or 90d for 90 days ago', (text) =>
      timeBack(text),
    );
}

/** The same as the API takes it. */
export async function filterOf(
  context: Context,
  orgId: string,
  { role, tag, environment, createdBy, unusedSince }: FilterOptions,
): Promise<FilterOptions> {
  const isKey = createdBy === undefined || isId('key', createdBy);
  const maker = isKey ? createdBy : await memberId(context, orgId, createdBy);
  return {
    ...(role && { role }),
    ...(tag !== undefined && { tag }),
    ...(environment !== undefined && { environment }),
    ...(maker !== undefined && { createdBy: maker }),
    ...(unusedSince !== undefined && { unusedSince }),
  };
}

async function all(
  texts: readonly string[] | undefined,
  idOf: (text: string) => Promise<string>,
): Promise<string[] | undefined> {
  if (texts === undefined) return undefined;
  const ids: string[] = [];
  for (const text of texts) ids.push(await idOf(text));
  return ids;
}
