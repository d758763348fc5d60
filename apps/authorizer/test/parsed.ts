/** A verifier whose replies are read again, as whoever asks it does. */
import type { VerifyBatchReply, VerifyReply } from '@mcpstack/contracts';
import { Verifier, type VerifierOptions } from '../src/verifier.ts';

export class ParsingVerifier {
  readonly #verifier: Verifier;

  constructor(options: VerifierOptions) {
    this.#verifier = new Verifier(options);
  }

  async verify(bytes: Uint8Array): Promise<VerifyReply> {
    return JSON.parse(await this.#verifier.verify(bytes)) as VerifyReply;
  }
  async verifyBatch(bytes: Uint8Array): Promise<VerifyBatchReply> {
    return JSON.parse(await this.#verifier.verifyBatch(bytes)) as VerifyBatchReply;
  }
  get tally(): Verifier['tally'] {
    return this.#verifier.tally;
  }
  drained(): Promise<void> {
    return this.#verifier.drained();
  }
}
