/** What an audit trail is narrowed to, as it stands in the address: whoever is sent it sees the same. */
import { AUDIT_EVENT_TYPES, isAuditEventType, type AuditEventType } from '@mcpstack/contracts';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { timeOf } from '../../ui/local-time.ts';

export interface Filters {
  type: readonly AuditEventType[];
  actor: string | undefined;
  subject: string | undefined;
  /** ISO 8601, UTC. */
  from: string | undefined;
  to: string | undefined;
}

/** As the API takes them; anything else in an address is left out rather than answered with a problem. */
const SHAPES = {
  actor: /^(?:(?:user|key)_[0-9A-Za-z]{1,64}|[a-z][a-z-]{0,31})$/,
  subject: /^(?:org|user|inv|agent|dom|srv|key|whk)_[0-9A-Za-z]{1,64}$/,
} as const;

export const isActor = (text: string): boolean => SHAPES.actor.test(text);
export const isSubject = (text: string): boolean => SHAPES.subject.test(text);

export function useFilters(): [filters: Filters, change: (changes: Partial<Filters>) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filters = useMemo<Filters>(() => {
    const given = new URLSearchParams(text);
    const fitting = (name: 'actor' | 'subject') => {
      const value = given.get(name) ?? '';
      return SHAPES[name].test(value) ? value : undefined;
    };
    const type = given.getAll('type').filter(isAuditEventType);
    return {
      type: AUDIT_EVENT_TYPES.filter((one) => type.includes(one)),
      actor: fitting('actor'),
      subject: fitting('subject'),
      from: timeOf(given.get('from') ?? ''),
      to: timeOf(given.get('to') ?? ''),
    };
  }, [text]);
  const change = (changes: Partial<Filters>) => {
    const { type, ...others } = { ...filters, ...changes };
    const next = new URLSearchParams();
    for (const one of type) next.append('type', one);
    for (const [name, value] of Object.entries(others)) if (value !== undefined) next.set(name, value);
    setParams(next);
  };
  return [filters, change];
}

export const isFiltered = ({ type, actor, subject, from, to }: Filters): boolean =>
  type.length > 0 || [actor, subject, from, to].some((one) => one !== undefined);

/** For the query of the API: absent where nothing is asked. */
export const queryOf = ({ type, actor, subject, from, to }: Filters) => ({
  ...(type.length > 0 && { type: [...type] }),
  ...(actor !== undefined && { actor }),
  ...(subject !== undefined && { subject }),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});
