/** The categories of our streams: which codec reads each, and how a stream is named. */
import type { DomainEvent } from './decider.ts';
import type { DescribedCodec } from './codec.ts';
import { UnknownEventError } from './errors.ts';
import { agentCodec } from './agent/events.ts';
import { checkpointCodec } from './checkpoint/events.ts';
import { keyCodec } from './key/events.ts';
import { organizationCodec } from './organization/events.ts';
import { serverCodec } from './server/events.ts';
import { usageCodec } from './usage/events.ts';
import { userCodec } from './user/events.ts';
import { webhookCodec } from './webhook/events.ts';

const CODECS = {
  organization: organizationCodec,
  user: userCodec,
  agent: agentCodec,
  server: serverCodec,
  key: keyCodec,
  usage: usageCodec,
  webhook: webhookCodec,
  checkpoint: checkpointCodec,
} as const;

export type Category = keyof typeof CODECS;

/** Every category of ours. A projection or an audit that reads these reads all. */
export const CATEGORIES = Object.keys(CODECS) as readonly Category[];

/** The stream of one aggregate: `<category>-<id>`. */
export function streamName(category: Category, id: string): string {
  return `${category}-${id}`;
}

/** The stream of the signed checkpoints of one log, which the port's `originId` names. */
export function checkpointStream(logId: string): string {
  return streamName('checkpoint', logId);
}

/** The part of a stream's name before the first dash. */
export function categoryOf(stream: string): string {
  return stream.split('-', 1)[0]!;
}

/**
 * The codec of a category.
 * @throws UnknownEventError when the category is none of ours.
 */
export function codecFor(category: string): DescribedCodec<DomainEvent> {
  if (!Object.hasOwn(CODECS, category)) throw new UnknownEventError('the category is none of ours');
  return CODECS[category as Category];
}
