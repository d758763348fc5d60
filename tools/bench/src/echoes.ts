/** A NATS server with bare responders on it: what a check would cost if the answer cost nothing. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import type { VerifyReply } from '@mcpstack/contracts';

export class Echoes {
  readonly #nats: LocalServer;
  readonly #reply: string;
  #children: ChildProcess[] = [];

  private constructor(nats: LocalServer, reply: string) {
    this.#nats = nats;
    this.#reply = reply;
  }

  /** @param reply what is answered to every check. */
  static async start(reply: VerifyReply): Promise<Echoes> {
    return new Echoes(await startNats(), JSON.stringify(reply));
  }

  get url(): string {
    return this.#nats.url;
  }

  /** Lets so many responders share the work. */
  async run(count: number): Promise<void> {
    while (this.#children.length > count) await end(this.#children.pop()!);
    while (this.#children.length < count) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'echo.js'), this.#nats.url, this.#reply],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      this.#children.push(child);
      await once(child.stdout, 'data');
    }
  }

  async stop(): Promise<void> {
    await this.run(0);
    await this.#nats.stop();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
