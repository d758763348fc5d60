/** Ready means: the main job can run now. Asks every part that it needs, for real but lightly. */
import {
  COMMAND_SUBJECTS,
  CONFIRM_SUBJECT,
  type ConfirmReply,
  type ConfirmRequest,
  type ProblemError,
} from '@mcpstack/contracts';
import { type CommandClient, type Health, type HealthCheck } from '@mcpstack/service-kit';
import { type NatsConnection } from '@nats-io/transport-node';
import { type KeyCheck } from '../auth/key-check.ts';
import { type Reads } from '../reads.ts';

const PROBE_TIMEOUT_MS = 1_000;
/** Probes by many are one probe a second. */
const REUSE_MS = 1_000;

export interface ReadinessParts {
  nats: NatsConnection;
  commands: CommandClient;
  keys: KeyCheck;
  reads: Reads;
}

export function registerReadiness(health: Health, parts: ReadinessParts): void {
  health.register(
    'authorizer',
    reused(() => authorizer(parts.keys)),
  );
  health.register(
    'issuance',
    reused(() => issuance(parts.commands)),
  );
  health.register(
    'projection',
    reused(() => projection(parts.nats)),
  );
  health.register(
    'read-models',
    reused(() => parts.reads.problem()),
  );
}

/** A request without a key is answered MALFORMED by an authorizer that is there, and costs it nothing. */
async function authorizer(keys: KeyCheck): Promise<string | undefined> {
  try {
    const { code } = await keys.ask({}, { timeoutMs: PROBE_TIMEOUT_MS });
    return code === 'MALFORMED' ? undefined : `the authorizer answers ${code}`;
  } catch {
    return 'the authorizer does not answer';
  }
}

/** A command without content is refused by an issuance that is there, before it does anything. */
async function issuance(commands: CommandClient): Promise<string | undefined> {
  try {
    await commands.send('updateKey', {} as never, { timeoutMs: PROBE_TIMEOUT_MS });
    return `issuance took an empty command on ${COMMAND_SUBJECTS.updateKey}`;
  } catch (error) {
    return (error as ProblemError).code === 'validation-failed' ? undefined : 'issuance does not answer';
  }
}

/** Only the projection that is active answers; any position will do, the log may be empty. */
async function projection(nats: NatsConnection): Promise<string | undefined> {
  const request: ConfirmRequest = { position: '-1', need: 'visible', timeoutMs: PROBE_TIMEOUT_MS / 2 };
  try {
    const message = await nats.request(CONFIRM_SUBJECT, JSON.stringify(request), {
      timeout: PROBE_TIMEOUT_MS,
    });
    const { confirmed, reason } = message.json<ConfirmReply>();
    return confirmed ? undefined : (reason ?? 'the projection does not confirm');
  } catch {
    return 'no projection is active';
  }
}

/** Answers the last result for a second; those who ask meanwhile share one probe. */
function reused(check: HealthCheck): HealthCheck {
  let last: { result: Promise<string | undefined>; untilMs: number } | undefined;
  return () => {
    const nowMs = performance.now();
    if (!last || nowMs >= last.untilMs) {
      const result = Promise.resolve().then(check);
      last = { result, untilMs: nowMs + REUSE_MS };
    }
    return last.result;
  };
}
