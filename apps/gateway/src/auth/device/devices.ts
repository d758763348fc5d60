/**
 * Lets devices in (RFC 8628, in JSON of our own): a device shows a short code, a person who is logged in types it and
 * approves, and the device, which polls, gets a session of that person. Kept in a bucket for ten minutes: what asks,
 * under the digest of its device code, and which it is, under the digest of its user code.
 */
import { BUCKETS, isId, ProblemError } from '@mcpstack/contracts';
import { type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { HttpProblem, unavailable } from '../../http/problem-response.ts';
import { Bucket } from '../bucket.ts';
import { secretDigest } from '../session-tokens.ts';
import { type DeviceSession, type Sessions } from '../sessions.ts';
import { isDeviceCode, makeDeviceCode, makeUserCode, readUserCode } from './device-codes.ts';
import { INTERVAL_S, Paces, type Asker, type DeviceLimits } from './device-limits.ts';

export const DEVICE_CODE_LIFE_MS = 10 * 60_000;
const MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_LABEL = 'A device';
/** Of user codes that are in use already: with a million devices waiting, one in 25,000 is. */
const MAX_TRIES = 5;
const UNAVAILABLE = 'Devices cannot be let in now. Repeat the request in a moment.';

const Asking = z.object({
  clientName: z.string().optional(),
  address: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.discriminatedUnion('is', [
    z.object({ is: z.literal('pending') }),
    z.object({
      is: z.literal('approved'),
      userId: z.string().refine((id) => isId('user', id)),
      /** Of who approved: the approval ends with it. */
      sessionId: z.string().refine((id) => isId('session', id)),
    }),
    z.object({ is: z.literal('denied') }),
    z.object({ is: z.literal('used') }),
  ]),
});
type Asking = z.infer<typeof Asking>;
type Approval = Extract<Asking['state'], { is: 'approved' }>;
const Pointer = z.object({ device: z.string() });

export interface DeviceCodes {
  deviceCode: string;
  userCode: string;
  /** Seconds. */
  expiresIn: number;
  interval: number;
}

/** A device that waits for a decision, as a person sees it. */
export interface WaitingDevice {
  /** As it is shown: `BCDF-GHJK`. */
  userCode: string;
  /** What it calls itself; anybody may write anything. */
  clientName: string | undefined;
  /** Where it asked from. */
  address: string;
  createdAt: string;
  expiresAt: string;
}

export interface DeviceSettings {
  tokenPrefix: string;
  /** Otherwise nobody could let a device in: its routes are not there. */
  loginIsSetUp: boolean;
  /** Of the bucket, where it is made. */
  replicas?: number | undefined;
  nowMs?: () => number;
}

export class Devices {
  private readonly bucket: Bucket;
  private readonly paces: Paces;
  private readonly nowMs: () => number;

  constructor(
    nats: NatsConnection,
    private readonly sessions: Sessions,
    private readonly limits: DeviceLimits,
    private readonly settings: DeviceSettings,
  ) {
    this.nowMs = settings.nowMs ?? Date.now;
    this.bucket = new Bucket(nats, {
      name: BUCKETS.deviceGrants,
      ttlMs: DEVICE_CODE_LIFE_MS,
      maxBytes: MAX_BYTES,
      replicas: settings.replicas,
      unavailable: UNAVAILABLE,
    });
    this.paces = new Paces(DEVICE_CODE_LIFE_MS, this.nowMs);
  }

  /**
   * A device asks to be let in. The codes are in this answer and nowhere else.
   * @throws ProblemError `too-many-requests`, or `not-found` where login is not set up.
   */
  async begin({ clientName, address }: { clientName?: string; address: string }): Promise<DeviceCodes> {
    this.refuseWithoutLogin();
    await this.limits.begin.take(address);
    const deviceCode = makeDeviceCode(this.settings.tokenPrefix);
    const device = secretDigest(deviceCode);
    const userCode = await this.reserve(device);
    const nowMs = this.nowMs();
    const asking: Asking = {
      ...(clientName !== undefined && { clientName }),
      address,
      createdAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + DEVICE_CODE_LIFE_MS).toISOString(),
      state: { is: 'pending' },
    };
    if (!(await this.bucket.create(deviceKey(device), asking))) throw unavailable(UNAVAILABLE);
    return { deviceCode, userCode, expiresIn: DEVICE_CODE_LIFE_MS / 1000, interval: INTERVAL_S };
  }

  /**
   * The device that waits under a typed code; `undefined` where none does (any more).
   * @throws ProblemError `too-many-requests` after too many codes that were none.
   */
  async find(typedCode: string, asker: Asker): Promise<WaitingDevice | undefined> {
    const found = await this.pending(typedCode, asker);
    if (!found) return undefined;
    const { clientName, address, createdAt, expiresAt } = found.asking;
    return { userCode: found.userCode, clientName, address, createdAt, expiresAt };
  }

  /**
   * Lets the device in as this person, if their session lasts until it asks. `false` where none waits under the code
   * (any more).
   * @throws ProblemError as `find` does.
   */
  approve(typedCode: string, userId: string, asker: Asker): Promise<boolean> {
    return this.decide(typedCode, asker, { is: 'approved', userId, sessionId: asker.sessionId });
  }

  /** Keeps the device out. Answers as `approve` does. */
  deny(typedCode: string, asker: Asker): Promise<boolean> {
    return this.decide(typedCode, asker, { is: 'denied' });
  }

  /**
   * A device asks for its session. One read while nobody has decided.
   * @throws ProblemError `authorization-pending`, `slow-down`, `authorization-denied`, `grant-expired`
   */
  async poll(deviceCode: string): Promise<DeviceSession> {
    this.refuseWithoutLogin();
    if (!isDeviceCode(deviceCode, this.settings.tokenPrefix)) throw expired();
    const device = secretDigest(deviceCode);
    const intervalS = this.paces.take(device);
    const { asking, revision } = (await this.read(device)) ?? {};
    if (!asking || revision === undefined) {
      this.paces.forget(device);
      throw expired();
    }
    switch (asking.state.is) {
      case 'pending':
        throw new HttpProblem('authorization-pending', 'Nobody has decided about this device yet.', {
          'Retry-After': String(intervalS),
        });
      case 'approved':
        return this.use(device, asking, asking.state, revision);
      case 'denied':
        throw new ProblemError('authorization-denied', 'Access was denied to this device.');
      case 'used':
        throw expired();
    }
  }

  private refuseWithoutLogin(): void {
    if (this.settings.loginIsSetUp) return;
    throw new ProblemError('not-found', 'Login is not set up here: OIDC_ISSUER is not set. API keys work.');
  }

  /** Nobody knows the tokens before the answer: of polls at the same time one gets its session, the others' end. */
  private async use(
    device: string,
    asking: Asking,
    { userId, sessionId }: Approval,
    revision: number,
  ): Promise<DeviceSession> {
    if (!(await this.sessions.goesOn({ userId, sessionId }))) throw expired();
    const label = asking.clientName ?? DEFAULT_LABEL;
    const session = await this.sessions.begin({ userId, kind: 'device', label });
    const used: Asking = { ...asking, state: { is: 'used' } };
    let isFirst = false;
    try {
      isFirst = await this.bucket.update(deviceKey(device), used, revision);
    } finally {
      // Whatever went wrong: nobody gets its tokens, so it should not stand in the list.
      if (!isFirst) await this.sessions.end(userId, session.sessionId).catch(() => false);
    }
    if (isFirst) return session;
    throw expired();
  }

  private async decide(typedCode: string, asker: Asker, state: Asking['state']): Promise<boolean> {
    const found = await this.pending(typedCode, asker);
    if (!found) return false;
    const { device, asking, revision } = found;
    return this.bucket.update(deviceKey(device), { ...asking, state }, revision);
  }

  private async pending(
    typedCode: string,
    asker: Asker,
  ): Promise<{ userCode: string; device: string; asking: Asking; revision: number } | undefined> {
    await this.limits.wrongCodes.take(asker);
    const userCode = readUserCode(typedCode);
    if (userCode === undefined) return undefined;
    const pointer = await this.bucket.read(userKey(userCode));
    if (pointer?.value === undefined) return undefined;
    const { device } = Pointer.parse(pointer.value);
    const found = await this.read(device);
    if (!found) return undefined;
    // Also of one that was decided: whoever typed it did not guess.
    await this.limits.wrongCodes.giveBack(asker);
    return found.asking.state.is === 'pending' ? { userCode, device, ...found } : undefined;
  }

  /** A user code that no other device shows now. */
  private async reserve(device: string): Promise<string> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const userCode = makeUserCode();
      if (await this.bucket.create(userKey(userCode), { device })) return userCode;
    }
    throw unavailable(UNAVAILABLE);
  }

  private async read(device: string): Promise<{ asking: Asking; revision: number } | undefined> {
    const entry = await this.bucket.read(deviceKey(device));
    if (entry?.value === undefined) return undefined;
    const asking = Asking.parse(entry.value);
    // The bucket drops old entries by itself; our clock does not depend on when it gets to it.
    return this.nowMs() < Date.parse(asking.expiresAt) ? { asking, revision: entry.revision } : undefined;
  }
}

function deviceKey(digest: string): string {
  return `device.${digest}`;
}

function userKey(userCode: string): string {
  return `user.${secretDigest(userCode)}`;
}

function expired(): ProblemError {
  return new ProblemError('grant-expired', 'The device code is unknown, used or expired. Begin again.');
}
