// Checks keys in Express: NATS_URL=nats://localhost:4222 node examples/express.mjs
import { createVerifier } from '@mcpstack/verify';
import { keyOf, requireKey } from '@mcpstack/verify/express';
import express from 'express';

const verifier = await createVerifier({ nats: { servers: process.env.NATS_URL } });
// For instance 10.0.0.0/8; without it nobody's X-Forwarded-For is believed.
const trustedProxies = process.env.TRUSTED_PROXIES?.split(',') ?? [];
const may = (permission) => requireKey(verifier, { trustedProxies, permission });

const answer = (request, response) => {
  const { orgId, keyId } = keyOf(request);
  response.json({ organization: orgId, key: keyId });
};

const app = express();
app.get('/servers', may('servers:read'), answer);
app.post('/servers', may('servers:write'), answer);

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close(() => verifier.close()));
