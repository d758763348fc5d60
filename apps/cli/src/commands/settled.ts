/**
 * What a command wrote, the next one reads: a command ends once the read models have what it did. Else
 * `mcpstack servers show $(mcpstack servers create … --quiet)` would sometimes find nothing.
 */
import { type Context } from '../context.ts';
import { type Run } from '../run.ts';

export function settling(run: Run): Run {
  return (act) =>
    run(async (context, ...args) => {
      await act(context, ...args);
      await settle(context);
    });
}

/** A read that carries the place of the write answers when that is there, within 2 seconds. */
async function settle(context: Context): Promise<void> {
  try {
    if (context.api.position !== undefined) await context.api.GET('/api/v1/organizations');
  } catch {
    // It is done and told already. Whoever ended their own credential may not read either.
  }
}
