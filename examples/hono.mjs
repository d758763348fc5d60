// Checks keys in Hono on Node: NATS_URL=nats://localhost:4222 node examples/hono.mjs
import { serve } from '@hono/node-server';
import { createVerifier } from '@mcpstack/verify';
import { requireKey } from '@mcpstack/verify/hono';
import { Hono } from 'hono';

const verifier = await createVerifier({ nats: { servers: process.env.NATS_URL } });
// For instance 10.0.0.0/8; without it nobody's X-Forwarded-For is believed.
const trustedProxies = process.env.TRUSTED_PROXIES?.split(',') ?? [];
const may = (permission) => requireKey(verifier, { trustedProxies, permission });

const answer = (c) => {
  const { orgId, keyId } = c.get('key');
  return c.json({ organization: orgId, key: keyId });
};

const app = new Hono();
app.get('/servers', may('servers:read'), answer);
app.post('/servers', may('servers:write'), answer);

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (address) => {
  console.log(`listening on http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => server.close(() => verifier.close()));
