/** The callers: processes that check keys all the time, and are told when a restriction has returned. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';

/** `nats`: a plain request to whichever authorizer takes it. `sdk`: the SDK, with what it has kept. */
export type Caller = 'nats' | 'sdk';

/** A VALID for what was forbidden before the check began. */
export interface Violation {
  caller: Caller | 'gateway';
  id: string;
  /** `all`, or the permission that was taken away. */
  lost: string;
  /** What had returned. */
  what: string;
  /** How long after it had returned the check began. */
  beganAfterMs: number;
  tookMs: number;
  freshForMs?: number;
}

export interface ProberStats {
  /** VALIDs of keys that were in force. */
  valid: number;
  /** Checks of what was forbidden, and how they were answered. */
  probes: number;
  refused: number;
  unavailable: number;
  slowestMs: number;
}

type Message =
  | { type: 'ready' }
  | { type: 'violation'; violation: Violation }
  | { type: 'allowed'; token: number }
  | { type: 'stats'; stats: ProberStats };

const ANSWER_TIMEOUT_MS = 20_000;

export class Probers {
  readonly children: readonly ChildProcess[];
  readonly #onViolation: (violation: Violation) => void;
  #token = 0;
  readonly #allowed = new Map<number, () => void>();

  private constructor(children: ChildProcess[], onViolation: (violation: Violation) => void) {
    this.children = children;
    this.#onViolation = onViolation;
    for (const child of children) child.on('message', (message: Message) => this.#take(message));
  }

  static async start(
    callers: readonly Caller[],
    env: NodeJS.ProcessEnv,
    onViolation: (violation: Violation) => void,
  ): Promise<Probers> {
    const script = join(repositoryRoot(), 'tools', 'test', 'chaos', 'prober.mjs');
    const children = callers.map((caller) =>
      fork(script, {
        env: { ...env, CHAOS_CALLER: caller },
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    const probers = new Probers(children, onViolation);
    await Promise.all(
      children.map(
        (child) =>
          new Promise<void>((resolve, reject) => {
            child.once('message', () => resolve());
            child.once('exit', () => reject(new Error('a caller ended before it was ready')));
          }),
      ),
    );
    return probers;
  }

  /** The key is in force: it is checked now and then, so that whoever keeps answers has one. */
  watch(id: string, key: string): void {
    this.#tell({ type: 'watch', id, key });
  }

  /** A restriction has returned. From here on no check that begins may permit what was lost. */
  forbid(id: string, lost: string, what: string): void {
    this.#tell({ type: 'forbid', id, lost, what });
  }

  /** Before what was lost is given back: resolves when every caller knows. */
  async allow(id: string): Promise<void> {
    const token = (this.#token += this.children.length);
    const heard = new Promise<void>((resolve, reject) => {
      let missing = this.children.length;
      const timer = setTimeout(() => {
        this.#allowed.delete(token);
        reject(new Error('a caller did not hear'));
      }, ANSWER_TIMEOUT_MS);
      this.#allowed.set(token, () => {
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(timer);
        this.#allowed.delete(token);
        resolve();
      });
    });
    this.#tell({ type: 'allow', id, token });
    await heard;
  }

  /** The key stays as it is: it is looked at as one of many. */
  end(id: string): void {
    this.#tell({ type: 'end', id });
  }

  async stats(): Promise<ProberStats[]> {
    return Promise.all(
      this.children.map(
        (child) =>
          new Promise<ProberStats>((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error('a caller does not answer')), ANSWER_TIMEOUT_MS);
            const onMessage = (message: Message): void => {
              if (message.type !== 'stats') return;
              clearTimeout(timer);
              child.off('message', onMessage);
              resolve(message.stats);
            };
            child.on('message', onMessage);
            child.send({ type: 'stats' });
          }),
      ),
    );
  }

  stop(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }

  #tell(message: Record<string, unknown>): void {
    for (const child of this.children) if (child.connected) child.send(message);
  }

  #take(message: Message): void {
    if (message.type === 'violation') this.#onViolation(message.violation);
    else if (message.type === 'allowed') this.#allowed.get(message.token)?.();
  }
}
