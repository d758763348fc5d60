/** People's profiles, and the use of keys, from their events. */
import type { UsageEvent, UserEvent } from '@mcpstack/domain';
import type { AuditedUsage } from './state.ts';
import { misplaced, type Step } from './step.ts';

/** So many windows the read models keep of each key. */
export const MOST_WINDOWS = 100;

export function foldUser({ state, event, id, shared }: Step<UserEvent>): void {
  if (event.data.userId !== id) throw misplaced(event, 'names another user than its stream');
  const user = state.users.get(id) ?? { profile: undefined, revision: 0 };
  user.profile = event.type === 'UserProfileChanged' ? event.data : undefined;
  state.users.set(shared.text(id), user);
}

export function foldUsage(step: Step<UsageEvent>): void {
  const { state, event, id, forReadModels } = step;
  const { keyId, from, to, count, lastUsedAt } = event.data;
  if (keyId !== id) throw misplaced(event, 'names another key than its stream');
  const use = state.usage.get(id) ?? newUsage(state.keys.get(id)?.id ?? keyId, event);
  use.count += count;
  // Several services count at once: windows overlap, and come in any order.
  if (isBefore(from, use.firstUsedAt)) use.firstUsedAt = from;
  if (!isBefore(lastUsedAt, use.lastUsedAt)) use.lastUsedAt = lastUsedAt;
  tell(use, event);
  if (forReadModels) {
    use.windows.unshift({ from, to, count });
    use.windows.length = Math.min(use.windows.length, MOST_WINDOWS);
  }
  state.usage.set(use.keyId, use);
}

function newUsage(keyId: string, { data: { from, lastUsedAt } }: UsageEvent): AuditedUsage {
  return { keyId, count: 0, firstUsedAt: from, lastUsedAt, windows: [], revision: 0 };
}

/** Not every window tells where a use came from; one that does not hides nothing. */
function tell(use: AuditedUsage, { data: { lastUsedAt, lastUsedFrom } }: UsageEvent): void {
  if (!lastUsedFrom) return;
  if (use.toldAt !== undefined && isBefore(lastUsedAt, use.toldAt)) return;
  use.lastUsedFrom = lastUsedFrom;
  use.toldAt = lastUsedAt;
}

/** Times may give more or fewer digits of a second; those that give as many are in the order of their letters. */
function isBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : Date.parse(a) < Date.parse(b);
}
