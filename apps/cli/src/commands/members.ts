/** `mcpstack members`: the people of an organization. */
import { isId, ROLES, type Role } from '@mcpstack/contracts';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { members, type Answers } from './lists.ts';
import { memberId } from './names.ts';
import { confirmed, show } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { addVerb, roleOption } from './verb.ts';

type Member = Answers['MemberAnswer'];
type Changed = Answers['ChangedMemberAnswer'];

const MEMBER = '/api/v1/organizations/{orgId}/members/{userId}';
const COLUMNS: readonly Column<Member>[] = [
  { title: 'Id', of: ({ userId }) => userId },
  { title: 'Name', of: ({ name }) => name },
  { title: 'E-mail', of: ({ email }) => email, priority: 2 },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: ({ state }) => state },
  { title: 'Joined', of: ({ joinedAt }) => roughly(joinedAt), priority: 3 },
];
const FIELDS: readonly Field<Member>[] = [
  { title: 'Id', of: ({ userId }) => userId },
  { title: 'Name', of: ({ name }) => name },
  { title: 'E-mail', of: ({ email }) => email },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: ({ state }) => state },
  { title: 'Joined', of: ({ joinedAt }) => exactly(joinedAt) },
];

export function addMembers(program: Command, run: Run): void {
  const noun = program
    .command('members')
    .summary('manage the members of the organization')
    .description(
      'Manages the people of the organization and their roles. "mcpstack invitations" brings new ones in.',
    );
  const withMember = (command: Command) => command.argument('<member>', 'their id, e-mail or name');

  addVerb(noun, 'list', {
    summary: 'list the members',
    about: 'Lists the members of the organization.',
    examples: ['mcpstack members list'],
  }).action(
    run(async (context) => {
      const all = members(context, await context.orgId());
      await context.out.list(all, COLUMNS, { empty: 'There is no member.', id: ({ userId }) => userId });
    }),
  );

  withMember(
    addVerb(noun, 'show', {
      summary: 'show a member',
      about: 'Shows a member.',
      examples: ['mcpstack members show ada@example.com'],
    }),
  ).action(
    run(async (context, member: string) => {
      const { data } = await context.api.GET(MEMBER, { params: { path: await pathOf(context, member) } });
      show(context, data, FIELDS, { id: data.userId });
    }),
  );

  withMember(
    addVerb(noun, 'update', {
      summary: 'change the role of a member',
      about:
        'Changes the role of a member. The last owner stays one. Asks first where somebody who is not given by id gets a higher role.',
      examples: ['mcpstack members update ada@example.com --role admin'],
    }),
  )
    .addOption(roleOption('the new role').makeOptionMandatory())
    .action(run(changeRole));

  withMember(
    addVerb(noun, 'suspend', {
      summary: 'suspend a member',
      about: 'Suspends a member, who can do nothing in the organization until resumed.',
      examples: ['mcpstack members suspend ada@example.com'],
    }),
  ).action(run((context, member: string) => set(context, member, 'suspend')));

  withMember(
    addVerb(noun, 'resume', {
      summary: 'resume a suspended member',
      about: 'Resumes a suspended member.',
      examples: ['mcpstack members resume ada@example.com'],
    }),
  ).action(run((context, member: string) => set(context, member, 'resume')));

  withMember(
    addVerb(noun, 'remove', {
      summary: 'remove a member',
      about: 'Removes a member from the organization. Asks first. To go yourself: mcpstack org leave.',
      examples: ['mcpstack members remove ada@example.com'],
    }),
  ).action(run(remove));
}

async function pathOf(context: Context, member: string): Promise<{ orgId: string; userId: string }> {
  const orgId = await context.orgId();
  return { orgId, userId: await memberId(context, orgId, member) };
}

async function changeRole(context: Context, member: string, { role }: { role: Role }): Promise<void> {
  const params = { path: await pathOf(context, member) };
  // Another person may have taken the name or the address: who is meant is seen before rights are given.
  if (!isId('user', member) && !context.options.yes) {
    const { data: before } = await context.api.GET(MEMBER, { params });
    if (isHigher(role, before.role))
      await confirmed(context, () => `Make ${nameOf(before)}, now ${before.role}, ${role}?`);
  }
  const { data } = await context.api.PATCH(MEMBER, { params, body: { role } });
  done(context, data, `${nameOf(data)} is now ${role}.`);
}

async function set(context: Context, member: string, to: 'suspend' | 'resume'): Promise<void> {
  const params = { path: await pathOf(context, member) };
  const { data } = await context.api.POST(`${MEMBER}/${to}`, { params });
  done(context, data, `${to === 'suspend' ? 'Suspended' : 'Resumed'} ${nameOf(data)}.`);
}

async function remove(context: Context, member: string): Promise<void> {
  const path = await pathOf(context, member);
  await confirmed(context, async () => {
    const { data } = await context.api.GET(MEMBER, { params: { path } });
    return `Remove ${nameOf(data)}, ${data.role}, from the organization?`;
  });
  await context.api.DELETE(MEMBER, { params: { path } });
  context.out.done(`Removed the member ${path.userId}.`, { id: path.userId });
}

/** The organization's policy may end the keys of a member who loses rights. */
function done({ out }: Context, member: Changed, sentence: string): void {
  const keys = member.revokedKeyIds;
  const ended = keys.length === 0 ? '' : ` These keys of theirs ended with it: ${keys.join(', ')}.`;
  out.done(`${sentence}${ended}`, { id: member.userId, value: member });
}

/** `Ada (user_…)`. Names are chosen by whoever has them. */
function nameOf({ name, email, userId }: Member | Changed): string {
  const known = name ?? email;
  return known === undefined ? userId : `${known} (${userId})`;
}

const isHigher = (role: Role, than: Role) => ROLES.indexOf(role) < ROLES.indexOf(than);
