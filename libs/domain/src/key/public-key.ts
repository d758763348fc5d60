/** Publishable key: decisions. One agent, exact origins under its proven domains; updates only take origins away. */
import type { AllowedOrigin, FieldError } from '@mcpstack/contracts';
import { isDomainInForce } from '../agent/domains.ts';
import type { AgentState, KnownAgent } from '../agent/events.ts';
import {
  conflict,
  invalidField,
  notFound,
  refuseBadName,
  refuseInvalid,
  requirePermission,
} from '../refusals.ts';
import { DAY_MS, futureTime, isPast } from '../time.ts';
import { isUnder } from '../web/domain-name.ts';
import { normalOrigin } from '../web/origin.ts';
import type { AddTemporaryOrigin, CreatePublicKey, UpdatePublicKey } from './commands.ts';
import type { KeyEvent } from './events.ts';
import { refuseEnded } from './existing.ts';
import type { KeyState, PublishableKey } from './state.ts';

const MOST_ORIGINS = 50;
const LONGEST_TEMPORARY_MS = 7 * DAY_MS;

export function createPublicKey(command: CreatePublicKey, state: KeyState): readonly KeyEvent[] {
  const { at, actor, authority, organizationId, keyId, agentId, name, value, credential, development } =
    command;
  requirePermission(authority, 'api-keys:write');
  refuseBadName(name);
  if (authority.scope?.agents?.includes(agentId) === false) throw notFound();
  if (state.status !== 'none') {
    // The id derives from the command id: the same key again is a retry, whatever value this try made.
    if (isSameKey(command, state)) return [];
    throw conflict('A key with this id exists already.');
  }
  const agent = agentInForce(command.agent, { organizationId, agentId });
  const origins = normalOrigins(command.origins, { at, agent, development });
  const expiresAt = command.expiresAt === undefined ? undefined : futureTime(command.expiresAt, at);
  const data = {
    keyId,
    organizationId,
    agentId,
    name,
    value,
    credential,
    origins,
    development,
    ...(expiresAt !== undefined && { expiresAt }),
  };
  return [{ type: 'PublicKeyCreated', data, at, actor }];
}

function isSameKey(command: CreatePublicKey, state: Exclude<KeyState, { status: 'none' }>): boolean {
  return (
    state.kind === 'publishable' &&
    state.id === command.keyId &&
    state.organizationId === command.organizationId &&
    state.agentId === command.agentId &&
    state.development === command.development
  );
}

/** An agent of another organization, and a removed one, are answered exactly as one that never was. */
function agentInForce(
  agent: AgentState,
  { organizationId, agentId }: { organizationId: string; agentId: string },
): KnownAgent {
  if (agent.status !== 'active' || agent.id !== agentId || agent.organizationId !== organizationId)
    throw notFound();
  return agent;
}

interface Surroundings {
  at: string;
  agent: KnownAgent;
  development: boolean;
}

function normalOrigins(asked: readonly AllowedOrigin[], surroundings: Surroundings): AllowedOrigin[] {
  if (asked.length < 1 || asked.length > MOST_ORIGINS)
    throw invalidField('origins', `must be 1 to ${MOST_ORIGINS}`);
  const errors: FieldError[] = [];
  const origins = asked.flatMap((one, index) => {
    const found = allowedOrigin(one.origin, surroundings);
    if ('problem' in found) {
      errors.push({ field: `origins.${index}`, message: found.problem });
      return [];
    }
    const field = `origins.${index}.expiresAt`;
    return [
      {
        origin: found.origin,
        ...(one.expiresAt !== undefined && {
          expiresAt: futureTime(one.expiresAt, surroundings.at, { field }),
        }),
      },
    ];
  });
  refuseInvalid('An origin is not valid.', errors);
  origins.forEach(({ origin }, index) => {
    if (origins.findIndex((one) => one.origin === origin) !== index)
      throw invalidField(`origins.${index}`, 'must not be named twice');
  });
  return origins;
}

/** The origin in its one spelling, if the agent's pages are proven to live there. */
function allowedOrigin(
  text: string,
  { at, agent, development }: Surroundings,
): { origin: string } | { problem: string } {
  const found = normalOrigin(text, { development });
  if ('problem' in found || found.isLocal) return found;
  const isProven = Object.values(agent.domains).some(
    (domain) => isUnder(found.host, domain.domain) && isDomainInForce(domain, at),
  );
  return isProven ? found : { problem: 'must lie under a domain of the agent that is verified' };
}

export function updatePublicKey(command: UpdatePublicKey, key: PublishableKey): readonly KeyEvent[] {
  const { at, actor, name, origins } = command;
  if (name !== undefined) refuseBadName(name);
  refuseEnded(key, at);
  const events: KeyEvent[] = [];
  if (name !== undefined && name !== key.name) events.push({ type: 'KeyRenamed', data: { name }, at, actor });
  if (!origins) return events;
  if (origins.length === 0)
    throw invalidField('origins', 'must keep at least one: suspend or revoke the key instead');
  refuseInvalid(
    'Only origins that the key has can stay.',
    origins.flatMap((origin, index) =>
      key.origins.some((one) => one.origin === origin)
        ? []
        : [
            {
              field: `origins.${index}`,
              message: 'is none of the key: a key can only be narrowed; make a new key for more',
            },
          ],
    ),
  );
  for (const { origin } of key.origins)
    if (!origins.includes(origin))
      events.push({ type: 'PublicKeyOriginRemoved', data: { origin }, at, actor });
  return events;
}

/** The one way in which a key gets more, for a while; those whose time is over go with it. */
export function addTemporaryOrigin(command: AddTemporaryOrigin, key: PublishableKey): readonly KeyEvent[] {
  const { at, actor } = command;
  refuseEnded(key, at);
  const agent = agentInForce(command.agent, { organizationId: key.organizationId, agentId: key.agentId });
  const found = allowedOrigin(command.origin, { at, agent, development: key.development });
  if ('problem' in found) throw invalidField('origin', found.problem);
  const { origin } = found;
  const expiresAt = futureTime(command.expiresAt, at, { longestMs: LONGEST_TEMPORARY_MS });
  const there = key.origins.find((one) => one.origin === origin);
  // For ever, or until then, already.
  if (there && (there.expiresAt === undefined || there.expiresAt === expiresAt)) return [];
  const gone = key.origins.filter((one) => one === there || isPast(one.expiresAt, at));
  if (key.origins.length - gone.length >= MOST_ORIGINS)
    throw conflict(`The key has ${MOST_ORIGINS} origins, the most that it can have: remove one first.`);
  return [
    ...gone.map((one) => ({
      type: 'PublicKeyOriginRemoved' as const,
      data: { origin: one.origin },
      at,
      actor,
    })),
    { type: 'PublicKeyOriginAdded', data: { origin, expiresAt }, at, actor },
  ];
}
