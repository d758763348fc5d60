/** Stand-ins for authorizer, issuance and projection: real NATS, the real contracts, no logic. */
import {
  COMMAND_SUBJECTS,
  CONFIRM_SUBJECT,
  deriveId,
  permissionsOf,
  ProblemError,
  tokenDigest,
  toWireProblem,
  makeToken,
  VERIFY_SUBJECT,
  type ApiKey,
  type CommandEnvelope,
  type CommandName,
  type CreateKeyInput,
  type Permission,
  type Role,
  type VerifyReply,
  type VerifyRequest,
} from '@mcpstack/contracts';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

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

export class StandInAuthorizer {
  readonly requests: VerifyRequest[] = [];
  /** Answers every request when set. */
  override: Partial<VerifyReply> | 'silent' | undefined;
  private readonly keys = new Map<string, { keyId: string; orgId: string; role: Role }>();
  private readonly subscription: Subscription;

  constructor(connection: NatsConnection) {
    this.subscription = serve(connection, VERIFY_SUBJECT, (message) => {
      const request = message.json<VerifyRequest>();
      this.requests.push(request);
      if (this.override !== 'silent') message.respond(JSON.stringify(this.override ?? this.verify(request)));
    });
  }

  add(token: string, key: { keyId: string; orgId: string; role: Role }): void {
    this.keys.set(tokenDigest(token), key);
  }

  stop(): void {
    this.subscription.unsubscribe();
  }

  private verify({ digest, permission }: VerifyRequest): Partial<VerifyReply> {
    if (digest === undefined) return { valid: false, code: 'MALFORMED', freshForMs: 0 };
    const key = this.keys.get(digest);
    if (!key) return { valid: false, code: 'NOT_FOUND', freshForMs: 0 };
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

  private answer(name: CommandName, { commandId, actor, input }: AnyEnvelope): unknown {
    const createdAt = '2026-01-01T00:00:00.000Z';
    switch (name) {
      case 'createOrganization': {
        const organization = { id: deriveId('organization', commandId), name: input['name'], createdAt };
        return { organization, position: '41' };
      }
      case 'createKey': {
        const { organizationId, name: keyName, role, permissions } = input as unknown as CreateKeyInput;
        const secret = makeToken('service');
        this.secrets.push(secret);
        const key: ApiKey = {
          id: deriveId('key', commandId),
          organizationId,
          kind: 'service',
          name: keyName,
          role,
          permissions: permissionsOf(role, permissions),
          state: 'active',
          createdAt,
          createdBy: actor,
        };
        return { key: { ...key, credential: { digest: 'not for callers' } }, secret, position: '42' };
      }
      case 'renameKey': {
        const { keyId, organizationId, name: newName } = input as { [field: string]: string };
        const key = {
          id: keyId,
          organizationId,
          kind: 'service',
          name: newName,
          role: 'viewer',
          permissions: [],
        };
        return { key: { ...key, state: 'active', createdAt, createdBy: actor }, position: '43' };
      }
      case 'revokeKey':
        return { position: '44' };
    }
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
