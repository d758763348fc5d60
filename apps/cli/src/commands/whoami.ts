/** `mcpstack whoami`: as whom the API sees the caller. */
import { type Command } from 'commander';
import { example } from '../help.ts';
import { type Run } from '../run.ts';

export function addWhoami(program: Command, run: Run): void {
  program
    .command('whoami')
    .summary('show who you are')
    .description(
      'Shows as whom the API sees you: a person with name and e-mail, or a key with its organization, role and permissions.',
    )
    .addHelpText('after', example('mcpstack whoami', 'mcpstack whoami --json'))
    .action(
      run(async ({ api, out, settings }) => {
        const { data: me } = await api.GET('/api/v1/me');
        const profile = me.type === 'user' ? (await api.GET('/api/v1/me/profile')).data : undefined;
        const value = {
          ...me,
          ...(profile?.name && { name: profile.name }),
          ...(profile?.email && { email: profile.email }),
        };
        out.item(value, [
          { title: 'Type', of: ({ type }) => (type === 'user' ? 'person' : 'service key') },
          { title: 'Id', of: ({ id }) => id },
          { title: 'Name', of: () => profile?.name },
          { title: 'E-mail', of: () => profile?.email },
          { title: 'Organization', of: ({ organizationId }) => organizationId },
          { title: 'Role', of: ({ role }) => role },
          { title: 'Permissions', of: ({ permissions }) => permissions?.join(', ') },
          { title: 'Expires', of: ({ expiresAt }) => expiresAt },
          { title: 'API', of: () => settings.apiUrl.value },
        ]);
      }),
    );
}
