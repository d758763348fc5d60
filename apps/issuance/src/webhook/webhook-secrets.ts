/** Secrets of webhooks: derived, shown once, and once more to a retry that proves to be one (G1, G2). */
import { ProblemError, type Actor, type CreateWebhookOutput } from '@mcpstack/contracts';
import type { WebhookEvent } from '@mcpstack/domain';
import type { WebhookKeys } from '@mcpstack/service-kit';
import { claimOf, type KeptReplies, type Claim } from '../kept-replies.ts';

/** Whose retry may see it again. */
interface Asking {
  idempotencyKey?: string;
  commandId: string;
  actor: Actor;
}

/** What is sealed. The secret itself need not be kept: whoever opens the seal is shown it anew. */
const SHOWN = 'shown';

export class WebhookSecrets {
  readonly #replies: KeptReplies;
  readonly #keys: WebhookKeys | undefined;
  /** For tests and local use: webhooks of this machine and network. */
  readonly local: boolean;

  constructor(replies: KeptReplies, { keys, local }: { keys: WebhookKeys | undefined; local: boolean }) {
    this.#replies = replies;
    this.#keys = keys;
    this.local = local;
  }

  /** Of the master key for a new secret. @throws ProblemError where there is none. */
  get keyVersion(): number {
    return this.#known.current;
  }

  /** To be called before the append. @throws ProblemError as `KeptReplies.keep` does. */
  async keep(asking: Asking, webhookId: string): Promise<void> {
    await this.#replies.keep(SHOWN, claim(asking, webhookId));
  }

  /** What the answer says of the secret that the command made. */
  async shown(
    asking: Asking,
    webhookId: string,
    { events, repeated }: { events: readonly WebhookEvent[]; repeated: boolean },
  ): Promise<Pick<CreateWebhookOutput, 'secret' | 'secretAlreadyShown'>> {
    const made = events
      .map((event) =>
        event.type === 'WebhookCreated'
          ? event.data.secret
          : event.type === 'WebhookSecretRotated'
            ? event.data
            : undefined,
      )
      .find((one) => one !== undefined);
    const isOurs = made !== undefined && !repeated;
    if (!made || (!isOurs && (await this.#replies.open(claim(asking, webhookId))) !== SHOWN))
      return { secretAlreadyShown: true };
    return { secret: this.#known.secret({ webhookId, ...made }) };
  }

  get #known(): WebhookKeys {
    if (this.#keys) return this.#keys;
    throw new ProblemError(
      'unavailable',
      'Webhooks are not set up here: whoever runs the service has to set WEBHOOK_KEY_FILE.',
    );
  }
}

function claim(asking: Asking, webhookId: string): Claim {
  return claimOf(asking, webhookId);
}
