/** `mcpstack auth sessions`: where one is logged in. */
import { type Command } from 'commander';
import { listIn } from '../client.ts';
import { example } from '../help.ts';
import { type Run } from '../run.ts';

export function addSessions(auth: Command, run: Run): void {
  const sessions = auth
    .command('sessions')
    .summary('see and end your sessions')
    .description('Shows where you are logged in, and ends sessions that you do not need.');

  sessions
    .command('list')
    .summary('list your sessions, the newest first')
    .description('Lists the browsers and devices that are logged in as you; the one of this login is marked.')
    .addHelpText('after', example('mcpstack auth sessions list', 'mcpstack auth sessions list --json'))
    .action(
      run(async ({ api, out }) => {
        const { data } = await api.GET('/api/v1/me/sessions');
        await out.list(
          listIn(data),
          [
            { title: 'Id', of: ({ id }) => id },
            { title: 'Label', of: ({ label, current }) => (current ? `${label} (this one)` : label) },
            { title: 'Kind', of: ({ kind }) => kind, priority: 3 },
            { title: 'Last used', of: ({ lastUsedAt }) => minutes(lastUsedAt), priority: 2 },
            { title: 'Ends', of: ({ expiresAt }) => minutes(expiresAt), priority: 4 },
          ],
          { empty: 'You have no session.' },
        );
      }),
    );

  sessions
    .command('end')
    .argument('<session-id>', 'the session, as "list" shows it')
    .summary('end a session')
    .description('Ends a session: whoever has it is logged out at once. Asks first, unless --yes is given.')
    .addHelpText('after', example('mcpstack auth sessions end ses_7h9J1l3N5p7R9t1V3x5Z7b'))
    .action(
      run(async ({ api, ask, out }, sessionId: string) => {
        await ask.confirm(`End the session ${sessionId}?`);
        await api.DELETE('/api/v1/me/sessions/{sessionId}', { params: { path: { sessionId } } });
        out.done(`Ended the session ${sessionId}.`, { id: sessionId });
      }),
    );
}

/** `2030-01-31 12:00 UTC` */
function minutes(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
