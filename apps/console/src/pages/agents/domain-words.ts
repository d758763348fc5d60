/** What is to be said of a domain: what is wrong with its name, with its record, and what to do in each state. */
import type { components } from '@mcpstack/api-client';

type Domain = components['schemas']['DomainAnswer'];

/** What is wrong with a name as it is typed; `undefined` when nothing is that can be told here. */
export function domainProblem(text: string): string | undefined {
  if (text === '') return 'Name a domain, such as example.com.';
  const host =
    /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/:?#]+)/i.exec(text)?.[1] ?? /^([^/:?#]+)[/:?#]/.exec(text)?.[1];
  if (host !== undefined) return `Only the name: ${host}`;
  if (text.includes('*')) return 'Subdomains are covered: leave out the star.';
  if (/\s/.test(text)) return 'Leave out the white space.';
  if (!text.includes('.')) return 'Name it whole, such as example.com.';
  return undefined;
}

/** What differs between a value that stands in the DNS and the one that should. */
export function differenceOf(found: string, expected: string): string {
  const bare = found.trim();
  if (bare === expected) return 'This is the value.';
  if (bare.replaceAll(/["'\s]/g, '') === expected)
    return 'It is the value with quotes or spaces in it: enter it without.';
  if (bare.toLowerCase() === expected.toLowerCase())
    return 'Capital and small letters differ: copy it as it stands.';
  if (bare.length > 0 && expected.startsWith(bare))
    return `It is cut off: the last ${expected.length - bare.length} characters are missing.`;
  if (bare.startsWith(expected)) return 'More stands behind the value: it must be alone in its record.';
  return 'It is another value: of an earlier time, of another agent, or of another organization.';
}

export type Situation = Domain['state'] | 'contested';

/** `contested`: pending again because another organization has proven the name since. */
export const situationOf = ({ state, contestedAt }: Pick<Domain, 'state' | 'contestedAt'>): Situation =>
  state === 'pending' && contestedAt !== undefined ? 'contested' : state;
