/** Envoy's external authorization over gRPC: the same checks, in Envoy's words. */
import { join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { readDemands } from './demands.ts';
import { forgedNames } from './identity.ts';
import type { Decision, KeyChecks } from './key-checks.ts';

const PROTO = join(import.meta.dirname, '..', 'proto', 'ext-authz.proto');
/** A request's headers may take 60 KiB in Envoy; and no check needs more than this. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const DRAIN_TIMEOUT_MS = 5_000;

/** What the key came in: the service behind Envoy does not get it. */
const CREDENTIALS = ['authorization', 'x-api-key'];

interface CheckRequest {
  attributes?: {
    source?: { address?: { socketAddress?: { address?: string } } };
    request?: { http?: { headers?: Record<string, string> } };
    contextExtensions?: Record<string, string>;
  };
}
interface HeaderOption {
  header: { key: string; value: string };
  appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD';
}
interface CheckResponse {
  status: { code: number; message?: string };
  okResponse?: { headers: HeaderOption[]; headersToRemove: string[] };
  deniedResponse?: { status: { code: number }; headers: HeaderOption[]; body: string };
}

/** The service as it stands in the proto file. */
export function authorizationService(): ServiceClientConstructor {
  const loaded = loadPackageDefinition(loadSync(PROTO, { enums: String, defaults: false, oneofs: false }));
  const { envoy } = loaded as unknown as {
    envoy: { service: { auth: { v3: { Authorization: ServiceClientConstructor } } } };
  };
  return envoy.service.auth.v3.Authorization;
}

export interface EnvoyServer {
  port: number;
  /** Takes nothing more, answers what it took, and ends. */
  stop(): Promise<void>;
}

/** @throws when the port is taken. */
export async function serveEnvoy(
  checks: KeyChecks,
  { host, port }: { host: string; port: number },
): Promise<EnvoyServer> {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  server.addService(authorizationService().service, {
    check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, reply: sendUnaryData<CheckResponse>) => {
      answer(call, checks).then(
        (response) => reply(null, response),
        // Nothing more is told to Envoy, which refuses the request.
        () => reply({ code: status.INTERNAL, details: 'the check failed' }),
      );
    },
  });
  const address = host.includes(':') ? `[${host}]` : host;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address}:${port}`, ServerCredentials.createInsecure(), (error, actual) =>
      error ? reject(error) : resolve(actual),
    );
  });
  return { port: bound, stop: () => stop(server) };
}

async function answer(
  call: ServerUnaryCall<CheckRequest, CheckResponse>,
  checks: KeyChecks,
): Promise<CheckResponse> {
  const { source, request, contextExtensions = {} } = call.request.attributes ?? {};
  const headers = request?.http?.headers ?? {};
  const decision = await checks.check({
    asker: addressOf(call.getPeer()),
    request: {
      url: headers[':path'] ?? '',
      headers: Object.entries(headers).flat(),
      // Who connected to Envoy, which it tells apart from `X-Forwarded-For`.
      remoteAddress: source?.address?.socketAddress?.address,
    },
    demands: () => readDemands(Object.entries(contextExtensions)),
  });
  return responseTo(decision, Object.keys(headers));
}

function responseTo(decision: Decision, sent: readonly string[]): CheckResponse {
  if (!decision.ok) {
    const { status: code, headers, body } = decision;
    return {
      status: { code: status.PERMISSION_DENIED },
      deniedResponse: {
        status: { code },
        headers: Object.entries(headers).map(overwrite),
        body: JSON.stringify(body),
      },
    };
  }
  const identity = Object.entries(decision.identity);
  // What is empty is removed, so that it does not matter how Envoy takes an empty value.
  const empty = identity.filter(([, value]) => value === '').map(([name]) => name.toLowerCase());
  return {
    status: { code: status.OK },
    okResponse: {
      headers: identity.filter(([, value]) => value !== '').map(overwrite),
      headersToRemove: [...empty, ...forgedNames(sent), ...CREDENTIALS],
    },
  };
}

/** Without the action, some versions of Envoy would add to what the client sent. */
function overwrite([name, value]: [string, string]): HeaderOption {
  return { header: { key: name.toLowerCase(), value }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}

/** The address in gRPC's `127.0.0.1:4711`, `[::1]:4711` or `ipv4:127.0.0.1:4711`. */
export function addressOf(peer: string): string | undefined {
  return /^(?:ipv[46]:)?\[?(?<address>[0-9a-f.:]+?)\]?:\d+$/i.exec(peer)?.groups?.address;
}

async function stop(server: Server): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
    server.tryShutdown(() => resolve());
  });
  clearTimeout(timer);
  server.forceShutdown();
}
