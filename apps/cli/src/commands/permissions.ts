/** `mcpstack permissions`: which role may do what. */
import { ROLES, type Role } from '@mcpstack/contracts';
import { type Command } from 'commander';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { addVerb, roleOption } from './verb.ts';

interface Row {
  id: string;
  roles: Role[];
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Permission', of: ({ id }) => id },
  ...ROLES.map((role) => ({
    title: role,
    of: ({ roles }: Row) => (roles.includes(role) ? 'yes' : undefined),
  })),
];

export function addPermissions(program: Command, run: Run): void {
  const noun = program
    .command('permissions')
    .summary('show which role may do what')
    .description('Shows what each role may do; people and service keys hold the same roles.');

  addVerb(noun, 'list', {
    summary: 'list the permissions and who has them',
    about: 'Lists every permission and the roles that have it.',
    examples: ['mcpstack permissions list', 'mcpstack permissions list --role developer --quiet'],
  })
    .addOption(roleOption('only those of this role'))
    .action(
      run(async (context, { role }: { role?: Role }) => {
        const { data } = await context.api.GET('/api/v1/permissions');
        const rows = data.permissions.map((permission) => {
          const having = data.roles.filter(({ permissions }) => permissions.includes(permission));
          return { id: permission, roles: having.map((one) => one.role) };
        });
        const asked = role === undefined ? rows : rows.filter(({ roles }) => roles.includes(role));
        await context.out.list(asked, COLUMNS, { empty: 'There is no permission.' });
      }),
    );
}
