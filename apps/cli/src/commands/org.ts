/** `mcpstack org`: the organizations that one is in. */
import { type Command } from 'commander';
import { CliError } from '../errors.ts';
import { example } from '../help.ts';
import { type Run } from '../run.ts';

export function addOrg(program: Command, run: Run): void {
  const org = program.command('org').summary('manage organizations').description('Manages organizations.');

  org
    .command('list')
    .summary('list your organizations')
    .description('Lists the organizations that you are in; of a key, its own.')
    .addHelpText('after', example('mcpstack org list', 'mcpstack org list --json'))
    .action(
      run(async ({ api, out, settings }) => {
        const { data } = await api.GET('/api/v1/organizations');
        await out.list(
          data.data,
          [
            { title: 'Id', of: ({ id }) => id },
            { title: 'Name', of: ({ name }) => name },
            { title: 'Your role', of: ({ role }) => role, priority: 2 },
            { title: 'State', of: ({ state }) => state, priority: 3 },
            {
              title: 'In use',
              of: ({ id }) => (id === settings.org?.value ? 'yes' : undefined),
              priority: 4,
            },
          ],
          { empty: 'You are in no organization. "mcpstack org create" makes one.' },
        );
      }),
    );

  org
    .command('use <org-id>')
    .summary('choose the organization of this profile')
    .description(
      'Chooses the organization that the commands of this profile are for. --org and MCPSTACK_ORG_ID count more.',
    )
    .addHelpText('after', example('mcpstack org use org_4fZ0q2m1c8bVdJw5rT7yXa'))
    .action(
      run(async ({ api, out, settings, credentials }, orgId: string) => {
        if (settings.credential?.kind === 'key')
          throw new CliError('usage', 'A key belongs to one organization: there is nothing to choose.');
        const { data } = await api.GET('/api/v1/organizations/{orgId}', { params: { path: { orgId } } });
        await credentials.change(settings.profile.value, (profile) => ({
          ...profile,
          organizationId: data.id,
        }));
        out.done(`Profile ${settings.profile.value} now uses ${data.name} (${data.id}).`, {
          id: data.id,
          value: data,
        });
      }),
    );
}
