/** `mcpstack invitations`: how people come into an organization. */
import { type Role } from '@mcpstack/contracts';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { invitations, type Answers } from './lists.ts';
import { invitationId } from './names.ts';
import { secretFrom } from './secret-input.ts';
import { actor, confirmed, show } from './shown.ts';
import { exactly, roughly, timeAhead } from './times.ts';
import { addVerb, roleOption } from './verb.ts';
import { headersOf, withIdempotencyKey, type WriteOptions } from './write-options.ts';

type Invitation = Answers['InvitationAnswer'];
interface CreateOptions extends WriteOptions {
  email: string;
  role: Role;
  expires?: string;
}

const INVITATIONS = '/api/v1/organizations/{orgId}/invitations';
const INVITATION = '/api/v1/organizations/{orgId}/invitations/{invitationId}';
const COLUMNS: readonly Column<Invitation>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'E-mail', of: ({ email }) => email },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: ({ state }) => state },
  { title: 'Expires', of: ({ expiresAt }) => roughly(expiresAt), priority: 2 },
];
const FIELDS: readonly Field<Invitation>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'E-mail', of: ({ email }) => email },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: ({ state }) => state },
  { title: 'Expires', of: ({ expiresAt }) => exactly(expiresAt) },
  { title: 'Accepted by', of: ({ acceptedBy }) => acceptedBy },
  { title: 'Created', of: ({ createdAt }) => exactly(createdAt) },
  { title: 'Created by', of: ({ createdBy }) => actor(createdBy) },
];

export function addInvitations(program: Command, run: Run): void {
  const noun = program
    .command('invitations')
    .summary('invite people, and accept invitations')
    .description('Manages the invitations into the organization, and accepts one.');
  const withInvitation = (command: Command) =>
    command.argument('<invitation>', 'its id, or the address that was invited');

  addVerb(noun, 'list', {
    summary: 'list the invitations',
    about: 'Lists the invitations into the organization.',
    examples: ['mcpstack invitations list'],
  }).action(
    run(async (context) => {
      await context.out.list(invitations(context, await context.orgId()), COLUMNS, {
        empty: 'There is no invitation yet. "mcpstack invitations create" makes one.',
      });
    }),
  );

  withInvitation(
    addVerb(noun, 'show', {
      summary: 'show an invitation',
      about: 'Shows an invitation. Its token is never shown again.',
      examples: ['mcpstack invitations show ada@example.com'],
    }),
  ).action(
    run(async (context, invitation: string) =>
      show(context, await read(context, await pathOf(context, invitation)), FIELDS),
    ),
  );

  withIdempotencyKey(
    addVerb(noun, 'create', {
      summary: 'invite somebody',
      about:
        'Invites somebody and prints the token to hand on, this once, alone on stdout. Whoever shows it while logged in becomes the member.',
      examples: ['mcpstack invitations create --email ada@example.com --role developer'],
    })
      .requiredOption('--email <address>', 'whom you invite')
      .addOption(roleOption('the role that they get').makeOptionMandatory())
      .option('--expires <time>', 'until when: a date, or 7d; 30 days at most', (text) => timeAhead(text)),
  ).action(run(create));

  withInvitation(
    addVerb(noun, 'withdraw', {
      summary: 'withdraw an invitation',
      about: 'Withdraws an invitation that nobody has accepted: its token ends. Asks first.',
      examples: ['mcpstack invitations withdraw ada@example.com'],
    }),
  ).action(run(withdraw));

  addVerb(noun, 'accept', {
    summary: 'become a member by an invitation',
    about:
      'Makes you a member of the organization whose invitation you hold. You must be logged in as a person.',
    examples: ['mcpstack invitations accept', 'mcpstack invitations accept --token-stdin < token.txt'],
  })
    .argument('[token]', 'as it was handed to you; asked for if absent')
    .option('--token-stdin', 'read it from stdin, which keeps it out of the process list')
    .action(run(accept));
}

async function pathOf(
  context: Context,
  invitation: string,
): Promise<{ orgId: string; invitationId: string }> {
  const orgId = await context.orgId();
  return { orgId, invitationId: await invitationId(context, orgId, invitation) };
}

async function read({ api }: Context, path: { orgId: string; invitationId: string }): Promise<Invitation> {
  return (await api.GET(INVITATION, { params: { path } })).data;
}

async function create(context: Context, { email, role, expires, ...write }: CreateOptions): Promise<void> {
  const params = { path: { orgId: await context.orgId() }, header: headersOf(write) };
  const body = { email, role, ...(expires !== undefined && { expiresAt: expires }) };
  const { data } = await context.api.POST(INVITATIONS, { params, body });
  const done = `Invited ${email} as ${role}, until ${exactly(data.expiresAt)}`;
  if (data.token === undefined)
    return context.out.done(`${done}. Its token was shown before: for another, invite again.`, {
      id: data.id,
      value: data,
    });
  if (!context.out.isJson) context.out.note(`${done}.`);
  context.out.secret(data, {
    label: 'The token to hand on',
    next: 'Whoever holds it logs in and runs: mcpstack invitations accept',
    another: 'mcpstack invitations create',
    of: ({ token }) => token,
  });
}

async function withdraw(context: Context, invitation: string): Promise<void> {
  const path = await pathOf(context, invitation);
  await confirmed(context, async () => {
    const { email, role } = await read(context, path);
    return `Withdraw the invitation of ${email ?? path.invitationId} as ${role}? Its token ends.`;
  });
  await context.api.DELETE(INVITATION, { params: { path } });
  context.out.done(`Withdrew the invitation ${path.invitationId}.`, { id: path.invitationId });
}

async function accept(
  context: Context,
  given: string | undefined,
  { tokenStdin }: { tokenStdin?: true },
): Promise<void> {
  const token = await secretFrom(context, given, tokenStdin);
  const { data } = await context.api.POST('/api/v1/invitations/accept', { body: { token } });
  const { organizationId: id, role } = data;
  context.out.done(`You are now ${role} of ${id}. To work in it: mcpstack org use ${id}`, {
    id,
    value: data,
  });
}
