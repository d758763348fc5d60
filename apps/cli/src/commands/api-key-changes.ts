/** `mcpstack api-keys create | update | rotate | suspend | resume | revoke`. */
import { type Role } from '@mcpstack/contracts';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Run } from '../run.ts';
import { termsOf, withTerms, type TermOptions } from './api-key-terms.ts';
import { type Answers } from './lists.ts';
import { apiKeyId } from './names.ts';
import { confirmed, named } from './shown.ts';
import { durationMs, roughly } from './times.ts';
import { asIs, several } from './values.ts';
import { addVerb, roleOption } from './verb.ts';
import { headersOf, someOf, withIdempotencyKey, withIfRevision, type WriteOptions } from './write-options.ts';

interface CreateOptions extends TermOptions, WriteOptions {
  name: string;
  role: Role;
  tag?: string[];
  environment?: string;
  digest?: string;
}
interface UpdateOptions extends TermOptions, WriteOptions {
  name?: string;
  role?: Role;
  tag?: string[];
  /** False with `--no-tags`. */
  tags: boolean;
}
interface RotateOptions extends WriteOptions {
  /** Milliseconds. */
  keepOld?: number;
  untilNewUsed?: true;
  digest?: string;
}

const KEYS = '/api/v1/organizations/{orgId}/api-keys';
const KEY = '/api/v1/organizations/{orgId}/api-keys/{keyId}';
const DIGEST = 'the SHA-256, in hex, of a secret of your own; then none is made';
const NEXT = 'Keep it in a secret store. Commands use it as MCPSTACK_API_KEY.';

export function addApiKeyChanges(noun: Command, run: Run): void {
  withIdempotencyKey(
    withTerms(
      addVerb(noun, 'create', {
        summary: 'make a service key',
        about:
          'Makes a service key and prints its secret, this once, alone on stdout. It can do no more than its maker; what is not given it can do all of that its role may.',
        examples: [
          'mcpstack api-keys create --name automation-bot --role developer',
          'mcpstack api-keys create --name ci --role developer --expires 90d --ip 203.0.113.0/24',
          'mcpstack api-keys create --name partner --role viewer --rate-limit burst=50/1s --quota monthly=100000/month',
        ],
      })
        .requiredOption('--name <name>', 'what it is for, such as ci-smoke-prod')
        .addOption(roleOption('its role').makeOptionMandatory()),
    )
      .option('--tag <tag>', 'words to find it by, with commas or repeated', several(asIs))
      .option('--environment <name>', 'where it is used, such as production')
      .option('--digest <sha256>', DIGEST),
  ).action(run(create));

  withIfRevision(
    withTerms(
      addVerb(noun, 'update', {
        summary: 'rename, tag or narrow a service key',
        about:
          'Renames, tags or narrows a service key. What is narrowed is never widened again: that needs a new key.',
        examples: [
          'mcpstack api-keys update automation-bot --name deploy-bot --tag team:web',
          'mcpstack api-keys update automation-bot --role viewer --expires 7d',
        ],
      })
        .argument('<key>', 'its id or name')
        .option('--name <name>', 'the new name')
        .addOption(roleOption('a lower role')),
    )
      .option('--tag <tag>', 'the tags it has from now on', several(asIs))
      .option('--no-tags', 'take all tags from it'),
  ).action(run(update));

  withIdempotencyKey(
    addVerb(noun, 'rotate', {
      summary: 'give a service key a new secret',
      about:
        'Gives a service key a new secret and prints it, this once, alone on stdout. Id and rights stay. The present secret works on for a day, unless an option says otherwise.',
      examples: [
        'mcpstack api-keys rotate ci-smoke-prod --until-new-used',
        'mcpstack api-keys rotate ci-smoke-prod --keep-old 1h',
        'mcpstack api-keys rotate leaked-key --keep-old 0s',
      ],
    })
      .argument('<key>', 'its id or name')
      .option('--keep-old <duration>', 'how long the present one works on: 0s to 7d', durationMs)
      .option('--until-new-used', 'it works on until the new one is used, 7 days at most')
      .option('--digest <sha256>', DIGEST),
  ).action(run(rotate));

  addVerb(noun, 'suspend', {
    summary: 'suspend a service key',
    about: 'Suspends a service key: no check finds it valid until it is resumed.',
    examples: ['mcpstack api-keys suspend ci-smoke-prod'],
  })
    .argument('<key>', 'its id or name')
    .action(run((context, key: string) => set(context, key, 'suspend')));

  addVerb(noun, 'resume', {
    summary: 'resume a suspended service key',
    about: 'Resumes a suspended service key.',
    examples: ['mcpstack api-keys resume ci-smoke-prod'],
  })
    .argument('<key>', 'its id or name')
    .action(run((context, key: string) => set(context, key, 'resume')));

  addVerb(noun, 'revoke', {
    summary: 'end a service key for good',
    about: 'Ends a service key, everywhere and for good. Asks first.',
    examples: ['mcpstack api-keys revoke automation-bot', 'mcpstack api-keys revoke automation-bot --yes'],
  })
    .argument('<key>', 'its id or name')
    .action(run(revoke));
}

async function pathOf(context: Context, key: string): Promise<{ orgId: string; keyId: string }> {
  const orgId = await context.orgId();
  return { orgId, keyId: await apiKeyId(context, orgId, key) };
}

async function create(context: Context, options: CreateOptions): Promise<void> {
  const { name, role, tag: tags, environment, digest } = options;
  const orgId = await context.orgId();
  const body = {
    name,
    role,
    ...(await termsOf(context, orgId, options)),
    ...(tags && { tags }),
    ...(environment !== undefined && { environment }),
    ...(digest !== undefined && { digest }),
  };
  const params = { path: { orgId }, header: headersOf(options) };
  const { data } = await context.api.POST(KEYS, { params, body });
  shown(context, data, `Created ${named('service key', data)}`);
}

async function update(context: Context, key: string, options: UpdateOptions): Promise<void> {
  const { name, role, tag } = options;
  const orgId = await context.orgId();
  const tags = options.tags ? tag : [];
  const body = someOf({ name, role, tags, ...(await termsOf(context, orgId, options)) });
  const path = { orgId, keyId: await apiKeyId(context, orgId, key) };
  const { data } = await context.api.PATCH(KEY, { params: { path, header: headersOf(options) }, body });
  context.out.done(`Changed ${named('service key', data)}.`, { id: data.id, value: data });
}

async function rotate(context: Context, key: string, options: RotateOptions): Promise<void> {
  const { keepOld, untilNewUsed, digest } = options;
  if (keepOld !== undefined && untilNewUsed)
    throw new CliError('usage', 'The present secret ends in one way only.', {
      next: 'Pass --keep-old or --until-new-used.',
    });
  const path = await pathOf(context, key);
  if (keepOld === 0)
    await confirmed(context, async () => {
      const { data } = await context.api.GET(KEY, { params: { path } });
      return `End the present secret of ${named('service key', data)} now? Whatever sends it is refused.`;
    });
  const previous = untilNewUsed
    ? ({ untilNextSeen: true } as const)
    : keepOld === undefined
      ? undefined
      : { validForSeconds: Math.ceil(keepOld / 1_000) };
  const { data } = await context.api.POST(`${KEY}/rotate`, {
    params: { path, header: headersOf(options) },
    body: { ...(previous && { previous }), ...(digest !== undefined && { digest }) },
  });
  shown(context, data, `Rotated ${named('service key', data)}; ${endOfOld(data)}`);
}

function endOfOld({ secrets }: Answers['ApiKeyAnswer']): string {
  const newest = Math.max(...secrets.map(({ version }) => version));
  const old = secrets.find(({ version }) => version < newest);
  if (!old) return 'the secret before has ended';
  return old.untilNextSeen
    ? 'the secret before works until this one is used'
    : `the secret before ends ${roughly(old.validUntil)}`;
}

/** The secret, alone, once; or why there is none to show. */
function shown({ out }: Context, key: Answers['CreatedKeyAnswer'], done: string): void {
  if (key.secret !== undefined) {
    if (!out.isJson) out.note(`${done}.`);
    return out.secret(key, {
      label: 'Its secret',
      next: NEXT,
      another: `mcpstack api-keys rotate ${key.id}`,
    });
  }
  const why = key.secretAlreadyShown
    ? `Its secret was shown before; for a new one: mcpstack api-keys rotate ${key.id}`
    : 'It goes with the secret that you made.';
  out.done(`${done}. ${why}`, { id: key.id, value: key });
}

async function set(context: Context, key: string, to: 'suspend' | 'resume'): Promise<void> {
  const params = { path: await pathOf(context, key) };
  const { data } = await context.api.POST(`${KEY}/${to}`, { params });
  const done = to === 'suspend' ? 'Suspended' : 'Resumed';
  context.out.done(`${done} ${named('service key', data)}.`, { id: data.id, value: data });
}

async function revoke(context: Context, key: string): Promise<void> {
  const path = await pathOf(context, key);
  await confirmed(context, async () => {
    const { data } = await context.api.GET(KEY, { params: { path } });
    const used = data.lastUsedAt === undefined ? 'never used' : `last used ${roughly(data.lastUsedAt)}`;
    return `Revoke ${named('service key', data)}, ${data.role}, ${used}? It ends everywhere, for good.`;
  });
  await context.api.DELETE(KEY, { params: { path } });
  context.out.done(`Revoked the service key ${path.keyId}.`, { id: path.keyId });
}
