/** Which events an export is of, and where it ends. */
import { isId } from '@mcpstack/contracts';
import { CATEGORIES, streamName, type Category } from '@mcpstack/domain';
import { AuditError } from '../errors.ts';
import { type AuditedLog } from '../log.ts';
import { parsePastTime, parseTime, type Moment } from '../times.ts';
import { firstEvent } from './organizations.ts';
import { isToldType, TOLD_TYPES, type ToldEvent, type ToldType } from './told-event.ts';

export interface SelectionOptions {
  organization?: string;
  from?: string;
  to?: string;
  type?: readonly string[];
  usage?: boolean;
  personalData?: boolean;
  untilPosition?: string;
}

export interface Selection {
  organizationId: string | undefined;
  categories: readonly Category[];
  /** Inclusive; -1n for none. */
  until: bigint;
  wants(event: Pick<ToldEvent, 'type' | 'at' | 'organizationId'>): boolean;
}

/** @throws AuditError when the options ask for what cannot be. */
export async function select(options: SelectionOptions, log: AuditedLog, now: string): Promise<Selection> {
  const types = typesOf(options.type);
  const [from, to] = periodOf(options, now);
  const categories = categoriesOf(options, types);
  const organizationId = await organizationOf(options, log);
  const head = await log.head();
  const until = untilOf(options.untilPosition, head);
  return {
    organizationId,
    categories,
    until: await endWithin(log, categories, until),
    wants(event) {
      if (organizationId !== undefined && event.organizationId !== organizationId) return false;
      if (types && !types.has(event.type)) return false;
      if (!from && !to) return true;
      const ms = Date.parse(event.at);
      return ms >= (from?.ms ?? -Infinity) && ms < (to?.ms ?? Infinity);
    },
  };
}

function typesOf(names: readonly string[] | undefined): ReadonlySet<ToldType> | undefined {
  if (!names) return undefined;
  const types = names.flatMap((name) => name.split(',')).map((name) => name.trim());
  for (const type of types) {
    if (isToldType(type)) continue;
    const alike = TOLD_TYPES.find((one) => one.toLowerCase() === type.toLowerCase());
    throw new AuditError('usage', `No event is named ${JSON.stringify(cut(type))}.`, {
      code: 'unknown-type',
      next: alike ? `Write ${alike}.` : `These are: ${TOLD_TYPES.join(', ')}.`,
    });
  }
  return new Set(types as ToldType[]);
}

function periodOf(
  { from, to }: SelectionOptions,
  now: string,
): readonly [from: Moment | undefined, to: Moment | undefined] {
  const begin = from === undefined ? undefined : parseTime(from, '--from');
  const end = to === undefined ? undefined : parsePastTime(to, '--to', now);
  if (begin && begin.ms >= (end?.ms ?? Date.parse(now))) {
    throw new AuditError(
      'usage',
      `--from (${begin.iso}) does not lie before --to (${end?.iso ?? `now, ${now}`}).`,
      {
        code: 'empty-period',
        next: 'Name a beginning that lies before the end: --to itself is not in it.',
      },
    );
  }
  return [begin, end];
}

const PROFILES: readonly ToldType[] = ['UserProfileChanged', 'UserProfileErased'];

/** Use is most of a log, and people are nobody's business: both are read only when they are asked for. */
function categoriesOf(
  { usage, personalData, organization }: SelectionOptions,
  types: ReadonlySet<ToldType> | undefined,
): Category[] {
  const profile = PROFILES.find((type) => types?.has(type));
  if (profile && !personalData) {
    throw new AuditError('usage', `${profile} is of a person.`, {
      code: 'personal-data',
      next: 'Pass --personal-data as well, if you may.',
    });
  }
  if (personalData && organization !== undefined) {
    throw new AuditError('usage', 'A profile belongs to a person, not to an organization.', {
      code: 'personal-data',
      next: 'Leave --organization or --personal-data out.',
    });
  }
  const left = {
    usage: !(usage || types?.has('KeyUsed')),
    user: !personalData,
    // Nobody's: they are in no export of an organization.
    checkpoint: organization !== undefined,
  } as Readonly<Partial<Record<Category, boolean>>>;
  return CATEGORIES.filter((category) => !left[category]);
}

/** @throws AuditError for an organization that the log does not know. */
export async function organizationOf(
  { organization }: Pick<SelectionOptions, 'organization'>,
  log: AuditedLog,
): Promise<string | undefined> {
  if (organization === undefined) return undefined;
  if (!isId('organization', organization)) {
    throw new AuditError('usage', `${JSON.stringify(cut(organization))} is no id of an organization.`, {
      code: 'unknown-organization',
      next: 'Write it as org_ and 22 letters and digits.',
    });
  }
  if (await firstEvent(log.store, streamName('organization', organization))) return organization;
  throw new AuditError('usage', `This log knows no organization ${organization}.`, {
    code: 'unknown-organization',
    next: 'Without --organization all are exported.',
  });
}

const cut = (text: string): string => text.slice(0, 64);

function untilOf(text: string | undefined, head: bigint): bigint {
  if (text === undefined) return head;
  const until = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (until !== undefined && until <= head) return until;
  throw new AuditError(
    'usage',
    until === undefined
      ? `--until-position is no position: ${JSON.stringify(cut(text))}.`
      : `The log has not come to position ${until}: it ends at ${head}.`,
    {
      code: 'bad-position',
      next: 'Write a position of this log in digits, such as mcpstack-audit head shows.',
    },
  );
}

/** The last event that is read: waiting for one of another category would be waiting for ever. */
async function endWithin(log: AuditedLog, categories: readonly Category[], until: bigint): Promise<bigint> {
  const last = await log.head(categories);
  return last < until ? last : until;
}
