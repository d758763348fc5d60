/** All read models, by the category of the streams that each folds. */
import type { Category } from '@mcpstack/domain';
import { agents } from './agents.ts';
import { keys } from './keys.ts';
import { organizations } from './organizations.ts';
import type { AnyReadModel } from './read-model.ts';
import { servers } from './servers.ts';
import { usage } from './usage.ts';
import { users } from './users.ts';
import { webhooks } from './webhooks.ts';

/** Evidence about the log: nobody asks Redis for it, so that nobody has to trust Redis. */
type NotProjected = 'checkpoint';

/** Exhaustive: a category without a read model does not compile. */
const READ_MODELS: Readonly<Record<Exclude<Category, NotProjected>, AnyReadModel>> = {
  organization: organizations,
  user: users,
  agent: agents,
  server: servers,
  key: keys,
  usage,
  webhook: webhooks,
};

/** The categories that the read models are folds of. */
export const PROJECTED_CATEGORIES: readonly string[] = Object.keys(READ_MODELS);

/** The read model of a stream and the aggregate's id, or `undefined` for a stream of no category of ours. */
export function readModelOf(stream: string): { model: AnyReadModel; id: string } | undefined {
  const dash = stream.indexOf('-');
  const category = stream.slice(0, Math.max(dash, 0));
  if (!Object.hasOwn(READ_MODELS, category)) return undefined;
  return { model: READ_MODELS[category as keyof typeof READ_MODELS], id: stream.slice(dash + 1) };
}
