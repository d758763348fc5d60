/** Which service keys are listed: it stands in the address, so that it can be sent to somebody else. */
import type { components } from '@mcpstack/api-client';
import { isRole, type Role } from '@mcpstack/contracts';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

type Schemas = components['schemas'];
type KeyState = Schemas['ApiKeyAnswer']['state'];

/** `in-force`: what still works, or will again: active and suspended keys. */
export const STATES = ['in-force', 'active', 'suspended', 'expired', 'revoked', 'all'] as const;
export type StateChoice = (typeof STATES)[number];

export interface KeyFilter {
  state: StateChoice;
  role: Role | undefined;
  tag: string | undefined;
  environment: string | undefined;
  /** The id of who made it. */
  createdBy: string | undefined;
  unusedForDays: number | undefined;
}

/** As the API wants them. */
export const TAG = /^[a-z0-9][a-z0-9._:-]{0,63}$/;
export const ENVIRONMENT = /^[a-z0-9][a-z0-9-]{0,31}$/;
const MAKER = /^(?:user|key)_[0-9A-Za-z]{1,64}$/;
const DAYS = /^[1-9][0-9]{0,3}$/;
const DAY_MS = 86_400_000;

/** What nobody understands in an address is left out, rather than refused. */
export function filterIn(params: URLSearchParams): KeyFilter {
  const matching = (name: string, shape: RegExp) => {
    const value = params.get(name) ?? '';
    return shape.test(value) ? value : undefined;
  };
  const role = params.get('role');
  const days = matching('unused', DAYS);
  return {
    state: STATES.find((one) => one === params.get('state')) ?? 'in-force',
    role: isRole(role) ? role : undefined,
    tag: matching('tag', TAG),
    environment: matching('environment', ENVIRONMENT),
    createdBy: matching('createdBy', MAKER),
    unusedForDays: days === undefined ? undefined : Number(days),
  };
}

export function useKeyFilter() {
  const [params, setParams] = useSearchParams();
  const filter = useMemo(() => filterIn(params), [params]);
  /** An empty value takes the parameter out of the address. */
  const set = useCallback(
    (name: string, value: string) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === '') after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: true },
      ),
    [setParams],
  );
  const clear = useCallback(() => setParams({}, { replace: true }), [setParams]);
  return { filter, set, clear };
}

/** All of the filter but the state, as lists and bulk changes take it. */
export function termsOf(filter: KeyFilter, nowMs: number): Schemas['KeyFilterBody'] {
  const { role, tag, environment, createdBy, unusedForDays } = filter;
  return {
    ...(role && { role }),
    ...(tag !== undefined && { tag }),
    ...(environment !== undefined && { environment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(unusedForDays !== undefined && {
      unusedSince: new Date(nowMs - unusedForDays * DAY_MS).toISOString(),
    }),
  };
}

/** What the API itself is asked for: it knows one state at a time. */
export function stateOf({ state }: KeyFilter): { state?: KeyState } {
  return state === 'all' || state === 'in-force' ? {} : { state };
}

export function isListed(filter: KeyFilter, state: KeyState): boolean {
  return filter.state !== 'in-force' || state === 'active' || state === 'suspended';
}

/** Whether something beside the state is asked for. */
export function isNarrowed(filter: KeyFilter): boolean {
  return Object.keys(termsOf(filter, 0)).length > 0;
}
