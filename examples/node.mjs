// Checks keys with Node's own server: NATS_URL=nats://localhost:4222 node examples/node.mjs
import { createServer } from 'node:http';
import { createVerifier, requireKey } from '@mcpstack/verify';

const verifier = await createVerifier({ nats: { servers: process.env.NATS_URL } });
// For instance 10.0.0.0/8; without it nobody's X-Forwarded-For is believed.
const trustedProxies = process.env.TRUSTED_PROXIES?.split(',') ?? [];

const checks = {
  'GET /servers': requireKey(verifier, { trustedProxies, permission: 'servers:read' }),
  'POST /servers': requireKey(verifier, { trustedProxies, permission: 'servers:write' }),
};

const server = createServer(async (request, response) => {
  const check = checks[`${request.method} ${request.url.split('?')[0]}`];
  if (!check) return response.writeHead(404).end();
  const key = await check(request, response);
  // Without a key the request is already answered.
  if (key) response.end(JSON.stringify({ organization: key.orgId, key: key.keyId }));
});

server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close(() => verifier.close()));
