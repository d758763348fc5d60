/** What deals with keys that are no secret any more, put together. */
import type { CommandClient, Log } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Provider } from '@nestjs/common';
import { AddressLimit, type AddressLimitSettings } from './address-limit.ts';
import { Exposure } from './exposure.ts';
import { GithubKeys, keySource } from './github-keys.ts';
import { GithubScanning } from './github.controller.ts';
import { Identify } from './identify.ts';
import { LeakReports } from './reports.ts';
import { SystemCommands } from './system-commands.ts';

/** Each request may name a thousand credentials. */
const DEFAULT_LIMITS: AddressLimitSettings = { perAddress: 30, windowS: 60 };

export interface LeakSettings {
  log: Log;
  nats: NatsConnection;
  commands: CommandClient;
  tokenPrefix: string;
  /** An https URL or a path; absent: no findings are taken. */
  githubKeys: string | undefined;
  credentialLimits?: AddressLimitSettings;
}

export class LeakParts {
  readonly identify: Identify;
  readonly exposure: Exposure;
  private readonly reports: LeakReports;
  private readonly limit: AddressLimit;
  private readonly scanning: GithubScanning;

  constructor({ log, nats, commands, tokenPrefix, githubKeys, credentialLimits }: LeakSettings) {
    this.identify = new Identify(nats);
    const system = new SystemCommands(commands);
    this.exposure = new Exposure(this.identify, system, log, tokenPrefix);
    this.reports = new LeakReports(this.identify, system, tokenPrefix);
    this.limit = new AddressLimit(credentialLimits ?? DEFAULT_LIMITS);
    this.scanning = new GithubScanning(
      githubKeys === undefined ? undefined : new GithubKeys(keySource(githubKeys)),
    );
  }

  providers(): Provider[] {
    return [
      { provide: Identify, useValue: this.identify },
      { provide: Exposure, useValue: this.exposure },
      { provide: LeakReports, useValue: this.reports },
      { provide: AddressLimit, useValue: this.limit },
      { provide: GithubScanning, useValue: this.scanning },
    ];
  }
}
