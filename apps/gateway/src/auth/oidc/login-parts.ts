/** What logs people in, put together. */
import type { CommandClient, Log } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Provider as NestProvider } from '@nestjs/common';
import { AddressLimit, type AddressLimitSettings } from '../../leaks/address-limit.ts';
import type { Reads } from '../../reads.ts';
import { LoginCookie } from './login-cookie.ts';
import { BrowserLogin, DEFAULT_LOGIN_LIMIT } from './browser-login.ts';
import type { ProviderSettings } from './login-settings.ts';
import { Logins } from './logins.ts';
import { Profiles } from './profiles.ts';
import { Provider } from './provider.ts';

export interface LoginPartsSettings {
  log: Log;
  nats: NatsConnection;
  commands: CommandClient;
  reads: Reads;
  publicUrl: string;
  /** Absent: nobody can log in here. */
  provider: ProviderSettings | undefined;
  browserLoginLimit: AddressLimitSettings | undefined;
  /** Of the bucket, where it is made. */
  replicas?: number | undefined;
}

/** The providers of Nest for it. */
export function loginParts(settings: LoginPartsSettings): NestProvider[] {
  const { log, nats, commands, reads, publicUrl, provider, browserLoginLimit, replicas } = settings;
  const login = new BrowserLogin({
    provider: provider && new Provider(provider, publicUrl, log),
    isLocal: provider?.isLocal ?? false,
    logins: new Logins(nats, { replicas }),
    profiles: new Profiles(reads, commands, log),
    limit: new AddressLimit(browserLoginLimit ?? DEFAULT_LOGIN_LIMIT),
  });
  return [
    { provide: BrowserLogin, useValue: login },
    { provide: LoginCookie, useValue: new LoginCookie(publicUrl) },
  ];
}
