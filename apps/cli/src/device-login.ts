/** The login of a person by the device grant (RFC 8628): a code is shown, and the answer is polled for. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApiProblem } from '@mcpstack/api-client';
import { CliError } from './errors.ts';
import { type DeviceAnswer, type LoginApi, type TokenAnswer } from './login-api.ts';

/** RFC 8628, section 3.5: what `slow-down` adds to the interval. Seconds. */
const SLOWER_BY_S = 5;
/** Of the gateway or of a proxy before it. */
const PASSING = new Set([502, 503, 504]);

export interface DeviceLoginSettings {
  login: Pick<LoginApi, 'begin' | 'poll'>;
  /** Tells the person at the approving page who asks. */
  clientName: string;
  /** Shows the page and the code. */
  show: (device: DeviceAnswer) => void;
  /** Runs what waits for the person. */
  waiting: <Result>(act: () => Promise<Result>) => Promise<Result>;
}

/** @throws CliError `notLoggedIn` when the person says no or nothing. */
export async function deviceLogin({
  login,
  clientName,
  show,
  waiting,
}: DeviceLoginSettings): Promise<TokenAnswer> {
  const device = await login.begin(clientName);
  const endMs = performance.now() + device.expiresIn * 1_000;
  show(device);
  return waiting(async () => {
    let intervalS = device.interval;
    while (performance.now() < endMs) {
      await delay(intervalS * 1_000);
      try {
        return await login.poll(device.deviceCode);
      } catch (error) {
        intervalS = Math.max(intervalS, nextInterval(error, intervalS));
      }
    }
    throw expired();
  });
}

/** @throws whatever ends the polling */
function nextInterval(error: unknown, intervalS: number): number {
  if (!(error instanceof ApiProblem)) throw error;
  switch (error.code) {
    case 'authorization-pending':
      return intervalS;
    case 'slow-down':
      return intervalS + SLOWER_BY_S;
    case 'too-many-requests':
      return (error.retryAfterMs ?? 0) / 1_000;
    case 'authorization-denied':
      throw new CliError('notLoggedIn', 'The login was refused in the browser.', { code: error.code });
    case 'grant-expired':
      throw expired();
    default:
      // Section 3.5: what may pass is asked again, less often.
      if (error.code === 'unreachable' || PASSING.has(error.status)) return intervalS * 2;
      throw error;
  }
}

function expired(): CliError {
  return new CliError('notLoggedIn', 'The code has expired, or was used already.', {
    code: 'grant-expired',
    next: 'Run "mcpstack auth login" again.',
  });
}
