/** `mcpstack-audit head`: which log this is, and where it ends. */
import { type Command } from 'commander';
import { type Run } from '../run.ts';

export function addHead(program: Command, run: Run): void {
  program
    .command('head')
    .description('Which log this is, and where it ends.')
    .action(
      run(async ({ openLog, out }) => {
        const log = await openLog();
        const position = await log.head();
        out.json({ logId: log.id, position });
        out.fields([
          ['Log', log.id],
          ['Last position', position < 0n ? 'none: it holds no event' : position.toString()],
        ]);
        return 'fine';
      }),
    );
}
