/** What both kinds of keys can be asked: how they are used, and why a check answers what it answers. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Answers } from './lists.ts';
import { agentId, serverId } from './names.ts';
import { show } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { oneOf, wholeNumber } from './values.ts';
import { wordOption } from './verb.ts';

type Explanation = Answers['ExplanationAnswer'];
type Usage = Answers['KeyUsageAnswer'];
export type CheckOptions = Answers['ExplainBody'] & { agent?: string; server?: string };

const KINDS = ['service', 'publishable'] as const;
/** How many windows are shown to people; `--json` has all that the API keeps. */
const SHOWN_WINDOWS = 5;

/** What the checking service sends besides the key. */
export function withCheckOptions(command: Command): Command {
  return command
    .option('--permission <permission>', 'what the service asks for, such as servers:write')
    .addOption(wordOption('--kind <kind>', 'what the service takes the key for', KINDS, oneOf(KINDS)))
    .option('--agent <agent>', 'the agent that the request is about, by id or name')
    .option('--server <server>', 'the server that the request is about, by id or name')
    .option('--origin <origin>', "the page's Origin header")
    .option('--ip <address>', "the client's address")
    .option('--cost <units>', 'what it takes from limits and quotas', wholeNumber({ most: 1_000_000 }));
}

/** The same as the API takes it, names turned into ids. */
export async function checkOf(
  context: Context,
  orgId: string,
  { permission, kind, agent, server, origin, ip, cost }: CheckOptions,
): Promise<Answers['ExplainBody']> {
  return {
    ...(permission !== undefined && { permission }),
    ...(kind !== undefined && { kind }),
    ...(agent !== undefined && { agentId: await agentId(context, orgId, agent) }),
    ...(server !== undefined && { serverId: await serverId(context, orgId, server) }),
    ...(origin !== undefined && { origin }),
    ...(ip !== undefined && { ip }),
    ...(cost !== undefined && { cost }),
  };
}

/** Every step of the check, in order. */
export function showExplanation(context: Context, explanation: Explanation): void {
  const steps = explanation.checks.map(({ check, passed, message }): Field<Explanation> => ({
    title: `  ${check}`,
    of: () => `${passed ? 'passes' : 'REFUSED'}: ${message}`,
  }));
  const fields: Field<Explanation>[] = [
    { title: 'Key', of: ({ keyId }) => keyId },
    { title: 'A check answers', of: ({ code }) => code },
    ...steps,
  ];
  show(context, explanation, fields, { id: explanation.keyId });
}

export function showUsage(context: Context, usage: Usage): void {
  const fields: Field<Usage>[] = [
    { title: 'Key', of: ({ keyId }) => keyId },
    { title: 'Uses', of: ({ count }) => String(count) },
    { title: 'First used', of: ({ firstUsedAt }) => exactly(firstUsedAt) },
    ...LAST_USE,
    { title: 'Newest', of: ({ windows }) => windows.slice(0, SHOWN_WINDOWS).map(windowLine).join('; ') },
  ];
  show(context, usage, fields, { id: usage.keyId });
}

const windowLine = ({ from, count }: Answers['UsageWindowAnswer']) => `${count} ${roughly(from)}`;

type LastUse = Pick<Answers['ApiKeyAnswer'], 'lastUsedAt' | 'lastUsedFrom'>;

export const LAST_USE: readonly Field<LastUse>[] = [
  { title: 'Last used', of: ({ lastUsedAt }) => exactly(lastUsedAt) ?? 'never' },
  {
    title: 'Last used from',
    of: ({ lastUsedFrom: { addressPrefix, userAgent } = {} }) =>
      [addressPrefix, userAgent].filter((part) => part !== undefined).join(', '),
  },
];
