/** Stand-ins for authorizer, issuance and projection: real NATS, the real contracts, no logic. */
import {
  CHECK_DOMAIN_SUBJECT,
  COMMAND_SUBJECTS,
  CONFIRM_SUBJECT,
  EXPLAIN_SUBJECT,
  IDENTIFY_SUBJECT,
  permissionsOf,
  ProblemError,
  tokenDigest,
  toWireProblem,
  VERIFY_SUBJECT,
  type CheckDomainReply,
  type CheckDomainRequest,
  type CommandEnvelope,
  type CommandName,
  type ExplainReply,
  type ExplainRequest,
  type IdentifiedKey,
  type IdentifyReply,
  type IdentifyRequest,
  type KeyScope,
  type KeyStateName,
  type Permission,
  type Role,
  type VerifyReply,
  type VerifyRequest,
} from '@mcpstack/contracts';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { AT, domainOf, standInAnswers, type Asked } from './stand-in-answers.ts';

/** Answers each message of a subscription in turn. */
function serve(
  connection: NatsConnection,
  subject: string,
  answer: (message: Msg) => Promise<void> | void,
): Subscription {
  return connection.subscribe(subject, {
    callback: (error, message) => {
      if (!error) void answer(message);
    },
  });
}

/** A service key that verifies. */
export interface StandInKey {
  keyId: string;
  orgId: string;
  role: Role;
  scope?: KeyScope;
}

/** A publishable key that verifies at these origins. */
export interface StandInPageKey {
  keyId: string;
  orgId: string;
  agentId: string;
  origins: readonly string[];
  expiresAt?: string;
}

export class StandInAuthorizer {
  readonly requests: VerifyRequest[] = [];
  readonly identified: IdentifyRequest[] = [];
  /** Answers every request when set. */
  override: Partial<VerifyReply> | 'silent' | undefined;
  /** Answers every look-up of digests when set. */
  identifyOverride: IdentifyReply | 'silent' | undefined;
  readonly explained: ExplainRequest[] = [];
  /** Answers every question why. */
  explanation: ExplainReply | 'silent' = { code: 'VALID', checks: [] };
  /** Of keys that are not active. */
  readonly states = new Map<string, KeyStateName>();
  private readonly keys = new Map<string, StandInKey>();
  private readonly pageKeys = new Map<string, StandInPageKey>();
  private readonly subscriptions: Subscription[];

  constructor(connection: NatsConnection) {
    const verifies = serve(connection, VERIFY_SUBJECT, (message) => {
      const request = message.json<VerifyRequest>();
      this.requests.push(request);
      if (this.override !== 'silent') message.respond(JSON.stringify(this.override ?? this.verify(request)));
    });
    const identifies = serve(connection, IDENTIFY_SUBJECT, (message) => {
      const request = message.json<IdentifyRequest>();
      this.identified.push(request);
      if (this.identifyOverride === 'silent') return;
      const keys = request.digests.map((digest) => this.identify(digest));
      message.respond(JSON.stringify(this.identifyOverride ?? { keys }));
    });
    const explains = serve(connection, EXPLAIN_SUBJECT, (message) => {
      this.explained.push(message.json<ExplainRequest>());
      if (this.explanation !== 'silent') message.respond(JSON.stringify(this.explanation));
    });
    this.subscriptions = [verifies, identifies, explains];
  }

  add(token: string, key: StandInKey): void {
    this.keys.set(tokenDigest(token), key);
  }

  addPageKey(token: string, key: StandInPageKey): void {
    this.pageKeys.set(tokenDigest(token), key);
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  private identify(digest: string): IdentifiedKey | null {
    const key = this.keys.get(digest) ?? this.pageKeys.get(digest);
    if (!key) return null;
    const kind = this.keys.has(digest) ? 'service' : 'publishable';
    const state = this.states.get(key.keyId) ?? 'active';
    return { keyId: key.keyId, organizationId: key.orgId, kind, state };
  }

  private verifyPage(key: StandInPageKey, { origin, expect }: VerifyRequest): Partial<VerifyReply> {
    const { origins, ...known } = key;
    if (expect?.kind === 'service') return { valid: false, code: 'NOT_FOUND', freshForMs: 0 };
    if (origin === undefined || !origins.includes(origin))
      return { valid: false, code: 'ORIGIN_NOT_ALLOWED', freshForMs: 0 };
    return { valid: true, code: 'VALID', freshForMs: 200, kind: 'publishable', ...known };
  }

  private verify(request: VerifyRequest): Partial<VerifyReply> {
    const { digest, permission } = request;
    if (digest === undefined) return { valid: false, code: 'MALFORMED', freshForMs: 0 };
    const pageKey = this.pageKeys.get(digest);
    if (pageKey) return this.verifyPage(pageKey, request);
    const key = this.keys.get(digest);
    if (!key || request.expect?.kind === 'publishable')
      return { valid: false, code: 'NOT_FOUND', freshForMs: 0 };
    const permissions = permissionsOf(key.role);
    if (permission && !permissions.includes(permission as Permission))
      return { valid: false, code: 'FORBIDDEN', freshForMs: 0, keyId: key.keyId, orgId: key.orgId };
    return { valid: true, code: 'VALID', freshForMs: 200, kind: 'service', ...key, permissions };
  }
}

type AnyEnvelope = CommandEnvelope<Record<string, unknown>>;

export class StandInIssuance {
  /** Every command that arrived whole, with its name. */
  readonly commands: { name: CommandName; envelope: AnyEnvelope }[] = [];
  readonly secrets: string[] = [];
  /** Answers every command when set. */
  override: ((name: CommandName, envelope: AnyEnvelope) => unknown) | undefined;
  private readonly answers = standInAnswers(this.secrets);
  private readonly subscriptions: Subscription[];

  constructor(connection: NatsConnection) {
    this.subscriptions = Object.entries(COMMAND_SUBJECTS).map(([name, subject]) =>
      serve(connection, subject, (message) => this.take(name as CommandName, message)),
    );
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  private async take(name: CommandName, message: Msg): Promise<void> {
    const { id, data } = message.json<{ id: string; data: AnyEnvelope }>();
    try {
      if (!data.commandId) throw new ProblemError('validation-failed', 'commandId: must be a UUID');
      this.commands.push({ name, envelope: data });
      const response = await (this.override ?? ((n, e) => this.answer(n, e)))(name, data);
      message.respond(JSON.stringify({ id, response, isDisposed: true }));
    } catch (error) {
      message.respond(JSON.stringify({ id, err: toWireProblem(error as ProblemError), isDisposed: true }));
    }
  }

  answer(name: CommandName, { commandId, actor, input }: AnyEnvelope): unknown {
    const answers = this.answers as Record<CommandName, (input: unknown, asked: Asked) => unknown>;
    return answers[name](input, { commandId, actor });
  }
}

/** The scheduler's side of looking for a domain's proof. */
export class StandInScheduler {
  readonly requests: CheckDomainRequest[] = [];
  /** Answers every request when set. */
  override: CheckDomainReply | 'silent' | undefined;
  private readonly subscription: Subscription;

  constructor(connection: NatsConnection) {
    this.subscription = serve(connection, CHECK_DOMAIN_SUBJECT, (message) => {
      const request = message.json<CheckDomainRequest>();
      this.requests.push(request);
      if (this.override === 'silent') return;
      const domain = domainOf(request, request.domainId, {
        state: 'verified',
        verifiedAt: AT,
        method: 'dns',
      });
      const found = {
        dns: { name: `_mcpstack-challenge.${domain.domain}`, ok: true, values: [domain.challenge] },
        file: {
          url: `https://${domain.domain}/.well-known/mcpstack-challenge.txt`,
          ok: false,
          problem: 'status 404',
        },
      };
      message.respond(JSON.stringify(this.override ?? { domain, position: '45', found }));
    });
  }

  stop(): void {
    this.subscription.unsubscribe();
  }
}

export class StandInProjection {
  confirmed = true;
  private readonly subscription: Subscription;

  constructor(connection: NatsConnection) {
    this.subscription = serve(connection, CONFIRM_SUBJECT, (message) => {
      message.respond(
        JSON.stringify({ confirmed: this.confirmed, ...(this.confirmed ? {} : { reason: 'behind' }) }),
      );
    });
  }

  stop(): void {
    this.subscription.unsubscribe();
  }
}
