/** What specs of every room use. */
export { chainFaults } from './chain-faults.ts';
export { faultsOf, findChromium, launch, picture } from './chromium.ts';
export { filesWith } from './planted.ts';
export { makeTestCertificate, type TestCertificate } from './test-certificate.ts';
export { specification, type Refusal, type Then } from './given-when-then.ts';
export {
  approveDevice,
  askRedis,
  Browser,
  freePort,
  LocalServer,
  Relay,
  Service,
  signIn,
  Stack,
  startNats,
  startRedis,
  startStack,
  waitFor,
  type Login,
  type NatsOptions,
  type RedisOptions,
  type StackOptions,
  type WaitOptions,
} from '@mcpstack/local-servers';
export { Collector, type CollectedSpan } from './collector.ts';
