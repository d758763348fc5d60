/** What specs of every room use. */
export { fixedClock, ManualClock } from './clock.ts';
export { specification, type Refusal, type Then } from './given-when-then.ts';
export {
  freePort,
  LocalServer,
  startNats,
  startRedis,
  waitFor,
  type NatsOptions,
  type RedisOptions,
  type WaitOptions,
} from '@mcpstack/local-servers';
