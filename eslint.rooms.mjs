// The arrows between rooms: what each room may import. Everything else is refused by lint.
// `packages` lists outside packages that only some rooms may know.

const LIBS = [
  'contracts',
  'domain',
  'event-store',
  'read-models',
  'service-kit',
  'local-servers',
  'testing',
  'tlog',
  'agent-sdk',
  'api-client',
  'verify',
  'terminal',
  'replay',
];

/** room → the rooms of ours that it may import. */
export const arrows = {
  'libs/contracts': [],
  'libs/domain': ['contracts'],
  'libs/event-store': ['domain', 'contracts'],
  'libs/read-models': ['event-store', 'domain', 'contracts'],
  // Compared with the read models, so it knows nothing of them.
  'libs/replay': ['event-store', 'domain', 'contracts'],
  'libs/service-kit': ['contracts'],
  'libs/local-servers': [],
  // What commands show; knows nobody.
  'libs/terminal': [],
  // Merkle trees and signed notes: it knows nobody.
  'libs/tlog': [],
  // For browsers: it knows nobody.
  'libs/agent-sdk': [],
  'libs/api-client': ['contracts'],
  // Published: what a checking service installs.
  'libs/verify': ['contracts'],
  'libs/testing': ['local-servers', 'event-store', 'domain', 'contracts'],
  'apps/gateway': ['service-kit', 'read-models', 'contracts'],
  'apps/issuance': ['service-kit', 'event-store', 'domain', 'contracts'],
  'apps/projection': ['service-kit', 'read-models', 'event-store', 'domain', 'contracts'],
  'apps/authorizer': ['service-kit', 'read-models', 'contracts'],
  'apps/checkpointer': ['service-kit', 'event-store', 'domain', 'tlog'],
  'apps/scheduler': ['service-kit', 'read-models', 'contracts'],
  'apps/webhooks': ['service-kit', 'read-models', 'contracts'],
  'apps/forward-auth': ['service-kit', 'verify', 'contracts'],
  'apps/nats-login': ['service-kit', 'verify', 'contracts'],
  'apps/cli': ['api-client', 'contracts', 'terminal'],
  // In the browser: what it knows of the contracts are their types and tables.
  'apps/console': ['api-client', 'contracts'],
  // The read models for `replay --compare` alone: everything else trusts the log and nothing else.
  'apps/audit': ['terminal', 'tlog', 'replay', 'read-models', 'event-store', 'domain', 'contracts'],
  // Moves events as they stand, whatever they say.
  'apps/log': ['service-kit', 'event-store', 'contracts'],
  'apps/identity-provider': ['service-kit', 'contracts'],
  // Makes a million keys by appending their events, and compares with what writes them bare.
  'tools/bench': ['local-servers', 'service-kit', 'event-store', 'verify', 'contracts'],
  tools: ['local-servers', 'api-client', 'agent-sdk', 'verify', 'contracts'],
};

/** outside package (pattern) → the rooms that may import it. */
export const packages = {
  '^@nestjs/': [
    'libs/service-kit',
    'apps/gateway',
    'apps/issuance',
    'apps/projection',
    'apps/authorizer',
    'apps/checkpointer',
    'apps/scheduler',
    'apps/webhooks',
    'apps/forward-auth',
    'apps/nats-login',
    'apps/identity-provider',
    // Its guard alone.
    'libs/verify',
  ],
  '^(express|hono)$': ['libs/verify'],
  '^prom-client$': ['libs/service-kit'],
  '^@opentelemetry/(?!api$)': ['libs/service-kit'],
  // In a checking service: whether its caller traces.
  '^@opentelemetry/api$': ['libs/service-kit', 'libs/verify'],
  '^oidc-provider$': ['apps/identity-provider'],
  '^@kurrent/': ['libs/event-store'],
  '^(@mantine/|@tabler/|@tanstack/|react|react-dom|wouter)': ['apps/console'],
  '^@redis/': ['libs/read-models', 'tools/bench'],
};

/** The domain, the contracts and the Merkle trees are pure: no I/O. Hashing and randomness for ids are not I/O. */
const PURE = ['libs/contracts', 'libs/domain', 'libs/tlog'];
const IO =
  '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|cluster|timers)(/|$)';

/** The patterns that `no-restricted-imports` refuses in a room. */
export function refusedIn(room, { spec = false } = {}) {
  const allowed = spec
    ? [...arrows[room], 'testing', 'local-servers', 'replay', 'event-store', 'domain', 'contracts']
    : arrows[room];
  const self = room.split('/').pop();
  const others = [
    ...LIBS,
    'gateway',
    'issuance',
    'projection',
    'authorizer',
    'checkpointer',
    'scheduler',
    'webhooks',
    'forward-auth',
    'nats-login',
    'cli',
    'console',
    'audit',
    'identity-provider',
    'log',
    'bench',
    'tools',
  ].filter((name) => name !== self && !allowed.includes(name));
  const patterns = [
    {
      regex: `^@mcpstack/(${others.join('|')})(/|$)`,
      message: `The arrows of eslint.rooms.mjs do not let ${room} import this room.`,
    },
    {
      regex: '^@mcpstack/(?!verify/(express|fastify|hono|nestjs)$)[^/]+/',
      message: 'Import a room by its name: its index.ts is all that it shows.',
    },
    { regex: '^\\.\\.?/(.*/)?(apps|libs)/', message: 'Import another room by its package name.' },
  ];
  if (spec) return patterns;
  for (const [regex, rooms] of Object.entries(packages)) {
    if (!rooms.includes(room)) patterns.push({ regex, message: `${room} must not know this package.` });
  }
  if (PURE.includes(room)) patterns.push({ regex: IO, message: `${room} is pure: it does no I/O.` });
  return patterns;
}
