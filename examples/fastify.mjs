// Checks keys in Fastify: NATS_URL=nats://localhost:4222 node examples/fastify.mjs
import { createVerifier } from '@mcpstack/verify';
import { keyOf, requireKey } from '@mcpstack/verify/fastify';
import fastify from 'fastify';

const verifier = await createVerifier({ nats: { servers: process.env.NATS_URL } });
// For instance 10.0.0.0/8; without it nobody's X-Forwarded-For is believed.
const trustedProxies = process.env.TRUSTED_PROXIES?.split(',') ?? [];
const may = (permission) => ({ onRequest: requireKey(verifier, { trustedProxies, permission }) });

const answer = (request) => {
  const { orgId, keyId } = keyOf(request);
  return { organization: orgId, key: keyId };
};

const app = fastify();
app.get('/servers', may('servers:read'), answer);
app.post('/servers', may('servers:write'), answer);
app.addHook('onClose', () => verifier.close());

const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`listening on ${url}`);
process.once('SIGTERM', () => app.close());
