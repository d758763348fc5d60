/** Puts the gateway together from parts that are connected already. */
import { CommandClient, Health, Log, type ServedMetrics } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Module, type DynamicModule, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AgentsController } from './agents/agents.controller.ts';
import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { BulkRevoke } from './api-keys/bulk-revoke.ts';
import { BulkController } from './api-keys/bulk.controller.ts';
import { FreeDigests } from './api-keys/free-digests.ts';
import { KeyImport } from './api-keys/key-import.ts';
import { KeyLifeController, SelfRevokeController } from './api-keys/key-life.controller.ts';
import { AccessGuard, TokenPrefix } from './auth/access.ts';
import { AuthController } from './auth/auth.controller.ts';
import { DeviceController } from './auth/device/device.controller.ts';
import { KeyCheck } from './auth/key-check.ts';
import { loginParts } from './auth/oidc/login-parts.ts';
import type { ProviderSettings } from './auth/oidc/login-settings.ts';
import { BrowserSessions } from './auth/pages/browser-sessions.ts';
import { DevicePageController } from './auth/pages/device-page.controller.ts';
import { HomePageController } from './auth/pages/home-page.controller.ts';
import { LoginController } from './auth/pages/login.controller.ts';
import { type SessionParts } from './auth/session-parts.ts';
import { ConsoleController } from './console/console.controller.ts';
import { DocsController } from './docs/docs.controller.ts';
import { DomainCheck } from './domains/domain-check.ts';
import { DomainsController } from './domains/domains.controller.ts';
import { EmbedController } from './embed/embed.controller.ts';
import { EventsController } from './events/events.controller.ts';
import { ExplainController } from './explain/explain.controller.ts';
import { Explain } from './explain/explain.ts';
import { GatewayHealthController } from './health/health.controller.ts';
import { registerReadiness } from './health/readiness.ts';
import { AcceptsGuard } from './http/accepts.ts';
import { Commands } from './http/commands.ts';
import { HttpProblemFilter } from './http/problem-filter.ts';
import { RouteTable } from './http/route-table.ts';
import { AcceptInvitationController, InvitationsController } from './invitations/invitations.controller.ts';
import type { AddressLimitSettings } from './leaks/address-limit.ts';
import { CredentialsController } from './leaks/credentials.controller.ts';
import { GithubController } from './leaks/github.controller.ts';
import { LeakParts } from './leaks/leak-parts.ts';
import { LiveChanges } from './live/live-changes.ts';
import { LiveController } from './live/live.controller.ts';
import { MeController } from './me/me.controller.ts';
import { MySessionsController } from './me/sessions.controller.ts';
import { MembersController } from './members/members.controller.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { PermissionsController } from './permissions/permissions.controller.ts';
import { PublicKeyLifeController } from './public-keys/public-key-life.controller.ts';
import { PublicKeysController } from './public-keys/public-keys.controller.ts';
import { VisibleKeys } from './public-keys/visible-keys.ts';
import { Reads, type ShownReadModels } from './reads.ts';
import { ServersController } from './servers/servers.controller.ts';
import { WebhookAsks } from './webhooks/webhook-asks.ts';
import { WebhookLifeController } from './webhooks/webhook-life.controller.ts';
import { WebhooksController } from './webhooks/webhooks.controller.ts';

const CLOSE_TIMEOUT_MS = 2_000;

/** Every controller, in alphabetic order: what the gateway serves is what stands here. */
export const CONTROLLERS: Type[] = [
  AcceptInvitationController,
  AgentsController,
  ApiKeysController,
  AuthController,
  BulkController,
  ConsoleController,
  CredentialsController,
  DeviceController,
  DevicePageController,
  DocsController,
  DomainsController,
  EmbedController,
  EventsController,
  ExplainController,
  GatewayHealthController,
  GithubController,
  HomePageController,
  InvitationsController,
  KeyLifeController,
  LiveController,
  LoginController,
  MeController,
  MembersController,
  MySessionsController,
  OrganizationsController,
  PermissionsController,
  PublicKeyLifeController,
  PublicKeysController,
  SelfRevokeController,
  ServersController,
  WebhookLifeController,
  WebhooksController,
];

export interface GatewayParts {
  /** Where metrics are served, if anywhere: never at the port of the API, which is the world's. */
  metrics?: ServedMetrics | undefined;
  log: Log;
  health: Health;
  nats: NatsConnection;
  commands: CommandClient;
  readModels: ShownReadModels;
  /** Where people reach the gateway. */
  publicUrl: string;
  /** Where people log in; absent: nobody can. */
  provider: ProviderSettings | undefined;
  browserLoginLimit: AddressLimitSettings | undefined;
  sessions: SessionParts;
  leaks: LeakParts;
  routes: RouteTable;
  tokenPrefix: string;
  /** Of the buckets, where they are made. */
  replicas?: number;
}

/** Closes what the gateway opened, after HTTP has finished what it took. */
class Connections implements OnApplicationShutdown {
  constructor(private readonly parts: GatewayParts) {}

  async onApplicationShutdown(): Promise<void> {
    const { commands, metrics, nats, readModels } = this.parts;
    const closing = Promise.allSettled([
      commands.close(),
      nats.drain(),
      readModels.close(),
      metrics?.close(),
    ]);
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())]);
  }
}

@Module({})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const { log, health, nats, commands, sessions, leaks, routes, tokenPrefix } = parts;
    const keys = new KeyCheck(nats);
    const reads = new Reads(parts.readModels);
    registerReadiness(health, { nats, commands, keys, reads });
    return {
      module: GatewayModule,
      controllers: CONTROLLERS,
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: RouteTable, useValue: routes },
        { provide: TokenPrefix, useValue: new TokenPrefix(tokenPrefix) },
        { provide: CommandClient, useValue: commands },
        { provide: Reads, useValue: reads },
        { provide: DomainCheck, useValue: new DomainCheck(nats) },
        { provide: Explain, useValue: new Explain(nats) },
        { provide: WebhookAsks, useValue: new WebhookAsks(nats) },
        { provide: KeyCheck, useValue: keys },
        { provide: Connections, useValue: new Connections(parts) },
        ...sessions.providers(),
        ...leaks.providers(),
        ...loginParts({ ...parts, reads }),
        BrowserSessions,
        BulkRevoke,
        Commands,
        FreeDigests,
        KeyImport,
        LiveChanges,
        VisibleKeys,
        // Guards run in this order: who calls, then whether the route takes what was sent.
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: AcceptsGuard },
        { provide: APP_FILTER, useFactory: () => new HttpProblemFilter(log, routes) },
      ],
    };
  }
}
