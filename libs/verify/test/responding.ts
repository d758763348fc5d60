/** NATS, and on it a scripted responder for each test. To import it sets the tests of a spec up. */
import { startNats, type LocalServer } from '@mcpstack/testing';
import type { Checks, ChecksOptions } from '../src/checks.ts';
import { refused, Responder } from './responder.ts';
import { checksOn } from './world.ts';

export let nats: LocalServer;
export let responder: Responder;
/** Closed after the test, while the responder still answers. */
export const closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  nats = await startNats({ jetstream: false });
});
afterAll(() => nats?.stop());
beforeEach(async () => {
  responder = await Responder.start({ servers: nats.url });
});
afterEach(async () => {
  responder.answer(() => refused());
  await Promise.all(closing.splice(0).map((verifier) => verifier.close()));
  await responder.stop();
});

export async function checks(options: Partial<ChecksOptions> = {}): Promise<Checks> {
  const verifier = await checksOn(nats.url, options);
  closing.push(verifier);
  return verifier;
}
