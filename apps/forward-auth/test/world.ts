/** Forward-auth in process, with a verifier that answers what a spec says, and a service behind it. */
import type { AddressInfo } from 'node:net';
import type { VerifyReply } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import type { Question, Verifier } from '@mcpstack/verify';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ForwardAuthModule } from '../src/forward-auth.module.ts';
import type { ForwardAuthSettings } from '../src/settings.ts';
import { Upstream } from './ends.ts';

/** A key with everything that a reply can tell of one. */
export const VALID: VerifyReply = {
  valid: true,
  code: 'VALID',
  freshForMs: 0,
  keyId: 'key_0000000000000000000001',
  orgId: 'org_0000000000000000000001',
  kind: 'service',
  role: 'developer',
  permissions: ['servers:read', 'telemetry:write'],
  scope: { agents: ['agent_0000000000000000000001', 'agent_0000000000000000000002'] },
  environment: 'production',
  expiresAt: '2030-01-01T00:00:00.000Z',
};
export const refused = (code: VerifyReply['code'], more: Partial<VerifyReply> = {}): VerifyReply => ({
  valid: false,
  code,
  freshForMs: 0,
  ...more,
});

/** A verifier that answers `reply`, and keeps what it was asked. */
export class ScriptedVerifier implements Verifier {
  reply: VerifyReply | Promise<VerifyReply> = VALID;
  readonly asked: Question[] = [];

  verify(question: Question): Promise<VerifyReply> {
    this.asked.push(question);
    return Promise.resolve(this.reply);
  }
  stats() {
    return { checks: this.asked.length, reused: 0, messages: 0, unavailable: 0, uncounted: 0 };
  }
  close() {
    return Promise.resolve();
  }
}

export interface World {
  verifier: ScriptedVerifier;
  upstream: Upstream;
  port: number;
  grpcPort: number;
  /** What was logged, as JSON lines. */
  log: () => string;
  stop(): Promise<void>;
}

export async function startWorld(settings: Partial<ForwardAuthSettings> = {}): Promise<World> {
  const verifier = new ScriptedVerifier();
  const upstream = await Upstream.start();
  let lines = '';
  const log = new Log('forward-auth', 'warn', { write: (line: string) => void (lines += line) });
  const { module, adapter, grpcPort } = await ForwardAuthModule.open(
    {
      NATS_URL: 'nats://127.0.0.1:4222',
      HOST: '127.0.0.1',
      PORT: 0,
      GRPC_PORT: 0,
      LOG_LEVEL: 'warn',
      TOKEN_PREFIX: 'mcpstack',
      TRUSTED_PROXIES: '127.0.0.1',
      CHECK_TIMEOUT_MS: 1_500,
      ...settings,
    },
    log,
    verifier,
  );
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger: log });
  await app.listen(0, '127.0.0.1');
  return {
    verifier,
    upstream,
    port: (app.getHttpServer().address() as AddressInfo).port,
    grpcPort: grpcPort!,
    log: () => lines,
    stop: async () => {
      await app.close();
      await upstream.stop();
    },
  };
}
