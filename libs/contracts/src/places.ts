/** Where the outside servers are and how to log in there, as settings name them and as clients take them. */

/** Credentials for one connection to NATS or to the log; `creds` is the content of a credentials file of NATS. */
export type Login = { user: string; password: string } | { creds: string };

/** Credentials for one connection to Redis or to a sentinel. */
export interface RedisLogin {
  /** Redis's default user if absent. */
  username?: string;
  password: string;
}

/** A Redis server, or the primary that sentinels know. */
export interface RedisPlace {
  /** `redis://…` or `rediss://…`; beside sentinels, whose answer takes the place of its host, it says whether there is TLS. */
  url: string;
  /** Asked for each new connection; absent: what the URL holds, or nothing. */
  login?: (() => RedisLogin) | undefined;
  /** Certificates (PEM) of the authorities that signed the server's; asked for each new connection. */
  ca?: (() => string) | undefined;
  /** Asked for the primary's address at each new connection. */
  sentinel?: SentinelPlace | undefined;
}

export interface SentinelPlace {
  /** What the sentinels call the primary. */
  name: string;
  /** `host:port` of each. */
  servers: readonly string[];
  /** At the sentinels themselves, where they ask for it. */
  login?: (() => RedisLogin) | undefined;
}

/** What a Redis server says of itself, for whoever looks whether it is set up safely; a part that it does not tell is undefined. */
export interface RedisFacts {
  /** `master` or `slave`. */
  role: string | undefined;
  maxmemoryPolicy: string | undefined;
  appendOnly: boolean | undefined;
  /** How many replicas are connected. */
  replicas: number | undefined;
}
