/** Sessions and what lets devices in, put together. */
import { type Log } from '@mcpstack/service-kit';
import { type NatsConnection } from '@nats-io/transport-node';
import { type Provider } from '@nestjs/common';
import { DeviceLimits, type DeviceLimitSettings } from './device/device-limits.ts';
import { Devices } from './device/devices.ts';
import { SessionCookie } from './session-cookie.ts';
import { Sessions } from './sessions.ts';

export interface SessionPartSettings {
  log: Log;
  nats: NatsConnection;
  tokenPrefix: string;
  /** The origin at which people reach the gateway. */
  publicUrl: string;
  /** Whether people can log in here, and so let devices in. */
  loginIsSetUp: boolean;
  accessLifeMs?: number;
  /** Of the buckets, where they are made. */
  replicas?: number | undefined;
  deviceLimits?: DeviceLimitSettings;
}

export class SessionParts {
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly cookie: SessionCookie;
  private readonly limits: DeviceLimits;

  constructor(settings: SessionPartSettings) {
    const { log, nats, tokenPrefix, publicUrl, loginIsSetUp, accessLifeMs, deviceLimits, replicas } =
      settings;
    const life = accessLifeMs === undefined ? {} : { accessLifeMs };
    this.sessions = new Sessions(nats, { tokenPrefix, log, replicas, ...life });
    this.limits = new DeviceLimits(deviceLimits);
    this.devices = new Devices(nats, this.sessions, this.limits, {
      ...{ tokenPrefix, loginIsSetUp, replicas },
    });
    this.cookie = new SessionCookie(publicUrl);
  }

  providers(): Provider[] {
    return [
      { provide: Sessions, useValue: this.sessions },
      { provide: Devices, useValue: this.devices },
      { provide: DeviceLimits, useValue: this.limits },
      { provide: SessionCookie, useValue: this.cookie },
    ];
  }
}
