/** NATS and Redis servers of our own on this machine: found or installed, started, ended without fail. */
export { LocalServerError, type LocalServerErrorCode } from './errors.ts';
export { ensureServers, type EnsureOptions } from './ensure-servers.ts';
export { findServer, type ServerBinary, type ServerKind } from './find-servers.ts';
export { freePort, isPortFree } from './free-port.ts';
export { LocalServer, type LocalServerOptions } from './local-server.ts';
export { LogFile } from './log-file.ts';
export { makeDataFolder } from './make-folder.ts';
export { ManagedProcess, type ExitInfo, type ManagedProcessOptions } from './managed-process.ts';
export { NATS_MAX_PAYLOAD_BYTES, startNats, type NatsOptions } from './nats.ts';
export { askRedis, startRedis, type RedisOptions } from './redis.ts';
export { Relay, type Direction } from './relay.ts';
export { waitFor, type WaitOptions } from './wait.ts';
export { repositoryRoot } from './repository.ts';
export { writePrivately } from './secrets.ts';
export { Service, type ServiceOptions } from './service.ts';
export { type Owner } from './set-up.ts';
export { SERVICE_NAMES, Stack, startStack, type ServiceName, type StackOptions } from './stack.ts';
