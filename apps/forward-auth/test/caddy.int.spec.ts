import { describeWith, startCaddy } from './proxies.ts';
import { describeProxy, runVariant, theWorld } from './proxy-contract.ts';
import { ask } from './ends.ts';
import { VALID } from './world.ts';

const { describe: describeCaddy, path } = await describeWith('caddy');
const drop = (pattern: RegExp) => (text: string) => text.replace(pattern, '');

describeProxy({
  describe: describeCaddy,
  name: 'Caddy',
  start: (behind) => startCaddy(path, behind),
  without: {
    // Both are needed: what is copied replaces what a client sent, and what nobody copies is removed.
    agentId: (text) => text.replace('request_header -Mcpstack-*', '').replace(' Mcpstack-Agent-Id', ''),
    underscores: drop(/request_header -Mcpstack_\*/),
    check: drop(/forward_auth 127[^]*?\n\t\t}\n/),
    credential: drop(/request_header -Authorization/),
  },
  quick: (text) => text.replace('response_header_timeout 3s', 'response_header_timeout 300ms'),
  outage: { down: 502, hung: 504 },
});

describeCaddy('Caddy alone', () => {
  const run = (change: (text: string) => string = (text) => text) => {
    const { port, upstream } = theWorld();
    return runVariant(startCaddy(path, { forwardAuthPort: port, upstreamPort: upstream.port, change }));
  };
  beforeEach(() => {
    theWorld().verifier.reply = VALID;
  });

  it("where `uri` is a path alone, Caddy sends the client's query as ours: nobody is let through", async () => {
    const url = await run((text) => text.replace('uri /check?permission=servers:read', 'uri /check'));
    const { verifier, log } = theWorld();
    verifier.asked.length = 0;
    for (const query of ['', '?any-key=true', '?permission=servers:read&cost=0']) {
      expect([query, (await ask(`${url}/a${query}`)).status]).toEqual([query, 500]);
    }
    expect(verifier.asked).toEqual([]);
    expect(log()).toContain("The check's query is the client's own");
  });

  it('control: outside of `route`, Caddy removes the identity headers that were just set', async () => {
    const sorted = await run((text) => text.replace('\troute {', '\thandle {'));
    expect((await ask(sorted)).seen).not.toHaveProperty('mcpstack-key-id');
  });

  it('other headers that look like ours are removed', async () => {
    const forged = [['Mcpstack-Tenant', 'forged'] as const];
    expect((await ask(await run(), { headers: forged })).text).not.toContain('forged');
    const open = await run((text) => text.replace('request_header -Mcpstack-*', ''));
    expect((await ask(open, { headers: forged })).text).toContain('forged');
  });

  it('a client cannot have an identity header dropped by naming it in Connection', async () => {
    const naming = { headers: [['Connection', 'close, Mcpstack-Scope'] as const] };
    expect((await ask(await run(), naming)).status).toBe(400);
    const open = await run((text) => text.replace('respond @dropping 400', ''));
    expect((await ask(open, naming)).seen).not.toHaveProperty('mcpstack-scope');
  });
});
