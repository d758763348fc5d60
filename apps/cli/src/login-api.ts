/** The calls that make, renew and end a person's login (RFC 8628 in the API's own JSON). */
import { type ApiClient, type components } from '@mcpstack/api-client';
import { makeClient, unexpectedAnswer } from './client.ts';

export type DeviceAnswer = components['schemas']['DeviceAnswer'];
export type TokenAnswer = components['schemas']['TokenAnswer'];

export interface LoginApi {
  begin(clientName: string): Promise<DeviceAnswer>;
  poll(deviceCode: string): Promise<TokenAnswer>;
  refresh(refreshToken: string): Promise<TokenAnswer>;
  /** Ends the session that the access token belongs to. */
  end(accessToken: string): Promise<void>;
}

const TRIES = 4;

export function loginApi({ apiUrl, timeoutMs }: { apiUrl: string; timeoutMs: number }): LoginApi {
  const client = (token?: string): ApiClient =>
    makeClient({
      baseUrl: apiUrl,
      deadlineMs: timeoutMs,
      tries: TRIES,
      ...(token !== undefined && { token }),
    });
  return {
    begin: async (clientName) =>
      checked((await client().POST('/api/v1/auth/device', { body: { clientName } })).data),
    poll: async (deviceCode) =>
      (await client().POST('/api/v1/auth/token', { body: { grantType: 'device-code', deviceCode } })).data,
    refresh: async (refreshToken) =>
      (await client().POST('/api/v1/auth/token', { body: { grantType: 'refresh-token', refreshToken } }))
        .data,
    end: async (accessToken) => {
      await client(accessToken).POST('/api/v1/auth/logout');
    },
  };
}

/** What is shown and waited for: another JSON than the API's is told before anybody waits for it. */
function checked(device: DeviceAnswer): DeviceAnswer {
  const { deviceCode, userCode, verificationUriComplete, expiresIn, interval } = device;
  const texts: unknown[] = [deviceCode, userCode, verificationUriComplete];
  const times: unknown[] = [expiresIn, interval];
  if (texts.every((text) => typeof text === 'string') && times.every((time) => typeof time === 'number'))
    return device;
  throw unexpectedAnswer('The answer is no code for a login.');
}
