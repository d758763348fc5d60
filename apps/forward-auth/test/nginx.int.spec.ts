import { describeWith, startNginx } from './proxies.ts';
import { describeProxy, runVariant, theWorld } from './proxy-contract.ts';
import { ask } from './ends.ts';
import { refused } from './world.ts';

const { describe: describeNginx, path } = await describeWith('nginx');
const drop = (pattern: RegExp) => (text: string) => text.replace(pattern, '');

describeProxy({
  describe: describeNginx,
  name: 'nginx',
  start: (behind) => startNginx(path, behind),
  without: {
    agentId: drop(/^proxy_set_header Mcpstack-Agent-Id .*$/m),
    underscores: (text) => text.replace('underscores_in_headers off;', 'underscores_in_headers on;'),
    check: drop(/^auth_request \/.*$/m),
    credential: drop(/^proxy_set_header Authorization .*$/m),
  },
  quick: (text) => text.replace('proxy_read_timeout 3s', 'proxy_read_timeout 300ms'),
  outage: { down: 503, hung: 503 },
});

describeNginx('nginx alone', () => {
  const run = (change: (text: string) => string) => {
    const { port, upstream } = theWorld();
    return runVariant(startNginx(path, { forwardAuthPort: port, upstreamPort: upstream.port, change }));
  };

  it('control: without error_page, auth_request makes 500 of a 429', async () => {
    theWorld().verifier.reply = refused('RATE_LIMITED');
    expect((await ask(await run(drop(/^error_page .*$/m)))).status).toBe(500);
  });

  it('each location has its own demands; one without any lets nobody through', async () => {
    const { verifier } = theWorld();
    const url = await run(drop(/set \$mcpstack_demands "permission=servers:read";/));
    verifier.reply = { ...refused('FORBIDDEN') };
    verifier.asked.length = 0;
    expect((await ask(`${url}/telemetry/x`)).status).toBe(403);
    expect(verifier.asked).toEqual([
      expect.objectContaining({ permission: 'telemetry:write', expect: { kind: 'service' } }),
    ]);
    expect((await ask(`${url}/other?permission=servers:read`)).status).toBe(503);
    expect(verifier.asked).toHaveLength(1);
    expect(theWorld().log()).toContain('permission=<what the route needs>');
  });

  it('a client cannot ask for the check itself', async () => {
    const url = await run((text) => text);
    expect((await ask(`${url}/mcpstack-check?any-key=true`)).status).toBe(404);
  });
});
