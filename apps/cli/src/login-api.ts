/** The calls that make, renew and end a person's login (RFC 8628 in the API's own JSON). */
import { createClient, type ApiClient, type components } from '@mcpstack/api-client';

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
    createClient({
      baseUrl: apiUrl,
      deadlineMs: timeoutMs,
      tries: TRIES,
      ...(token !== undefined && { token }),
    });
  return {
    begin: async (clientName) => (await client().POST('/api/v1/auth/device', { body: { clientName } })).data,
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
