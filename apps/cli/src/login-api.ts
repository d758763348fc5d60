/** The calls that make, renew and end a person's login (RFC 8628 in the API's own JSON). */
import { createClient, type ApiClient } from '@mcpstack/api-client';

export interface DeviceAnswer {
  deviceCode: string;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
  /** Seconds. */
  expiresIn: number;
  /** Seconds between two polls, at least. */
  interval: number;
}

export interface TokenAnswer {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  refreshToken: string;
  sessionId: string;
  userId: string;
}

export interface LoginApi {
  begin(clientName: string): Promise<DeviceAnswer>;
  poll(deviceCode: string): Promise<TokenAnswer>;
  refresh(refreshToken: string): Promise<TokenAnswer>;
  /** Ends the session that the access token belongs to. */
  end(accessToken: string): Promise<void>;
}

/** Calls by path alone: these need no credential or their own. */
type Post = (path: string, init: object) => Promise<{ data: unknown }>;

export function loginApi({ apiUrl, timeoutMs }: { apiUrl: string; timeoutMs: number }): LoginApi {
  const client = (token?: string): ApiClient =>
    createClient({ baseUrl: apiUrl, deadlineMs: timeoutMs, tries: 4, ...(token !== undefined && { token }) });
  const post = async <Data>(path: string, body: object): Promise<Data> =>
    (await (client().POST as Post)(path, { body })).data as Data;
  return {
    begin: (clientName) => post<DeviceAnswer>('/api/v1/auth/device', { clientName }),
    poll: (deviceCode) => post<TokenAnswer>('/api/v1/auth/token', { grantType: 'device-code', deviceCode }),
    refresh: (refreshToken) =>
      post<TokenAnswer>('/api/v1/auth/token', { grantType: 'refresh-token', refreshToken }),
    end: async (accessToken) => {
      await (client(accessToken).POST as Post)('/api/v1/auth/logout', {});
    },
  };
}
