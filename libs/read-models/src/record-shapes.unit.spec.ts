import { SHAPES } from './record-shapes.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const DOMAIN = { id: 'dom_1', domain: 'example.com', state: 'verified', challenge: 'x', createdAt: TIME };
const agent = (domains: string): unknown =>
  JSON.parse(
    `{"status":"active","id":"agent_1","organizationId":"org_1","name":"Helper","createdAt":"${TIME}",
      "createdBy":{"type":"user","id":"user_1"},"domains":${domains}}`,
  );

it.each([
  ['a domain', { dom_1: DOMAIN }, true],
  ['none', {}, true],
  ['a domain without a state', { dom_1: { ...DOMAIN, state: undefined } }, false],
  ['an unknown field', { dom_1: { ...DOMAIN, wildcard: true } }, false],
])('an agent with %s', (_, domains, isRight) => {
  expect(SHAPES.agent.safeParse(agent(JSON.stringify(domains))).success).toBe(isRight);
});

it('no domain passes for what every object has', () => {
  for (const name of ['__proto__', 'constructor'])
    expect(SHAPES.agent.safeParse(agent(`{"${name}":{"state":"verified"}}`)).success).toBe(false);
});
