import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { operationIds, FakeApi } from '../../test/fake-api.ts';
import { commandPaths, runCli } from '../../test/run-cli.ts';

const [AGENT, KEY, SERVER] = [
  'agent_3d5F7h9J1l3N5p7R9t1V3x',
  'key_0aB3dE5gH7jK9mN1pQ3sT5',
  'srv_5f7H9j1L3n5P7r9T1v3X5z',
];
const [DOMAIN, INVITATION, USER] = [
  'dom_6g8I0k2M4o6Q8s0U2w4Y6a',
  'inv_2c4E6g8I0k2M4o6Q8s0U2w',
  'user_1b3D5f7H9j1L3n5P7r9T1v',
];

const WEBHOOK = 'whk_8i0K2m4O6q8S0u2W4y6A8c';

const ROOM = join(import.meta.dirname, '..', '..');

interface Line {
  /** As a shell splits it at its blanks. */
  line: string;
  stdin?: string;
  /** Zero, unless the example of the document says that something is not so. */
  code?: number;
}
/** Commands that need a whole login are shown in a spec of their own. */
interface Elsewhere {
  command: string;
  spec: string;
}
interface Without {
  without: string;
}
type Entry = string | Line | Elsewhere | Without;

const SECRET = `mcpstack_sk_${'a'.repeat(49)}`;

/** Every operation of the API: the command line that asks it, or why there is none. */
const TABLE: Record<string, Entry> = {
  listOrganizations: 'org list',
  createOrganization: 'org create --name Acme',
  getOrganization: 'org show',
  renameOrganization: 'org update --name Acme --if-revision 7',
  suspendOrganization: 'org suspend --yes',
  resumeOrganization: 'org resume',
  getPolicy: 'org policy show',
  replacePolicy:
    'org policy set --longest-key-life 90d --allowed-key-role developer,viewer --on-maker-loss revoke',

  listApiKeys:
    'api-keys list --state active --role viewer --tag a --environment test --created-by user_1 --unused-since 90d',
  createApiKey: `api-keys create --name bot --role developer --permission agents:read,agents:write --agent ${AGENT} --server ${SERVER} --ip 192.0.2.0/24 --expires 90d --rate-limit burst=50/1s --quota monthly=1000/month --tag a,b --environment test --idempotency-key once`,
  getApiKey: `api-keys show ${KEY}`,
  updateApiKey: `api-keys update ${KEY} --name bot --role viewer --no-tags --if-revision 3`,
  rotateApiKey: `api-keys rotate ${KEY} --keep-old 1h`,
  suspendApiKey: `api-keys suspend ${KEY}`,
  resumeApiKey: `api-keys resume ${KEY}`,
  revokeApiKey: `api-keys revoke ${KEY} --yes`,
  bulkRevokeApiKeys: 'api-keys bulk-revoke --tag old --dry-run',
  importApiKeys: {
    line: 'api-keys import -',
    stdin: JSON.stringify([{ name: 'old', role: 'viewer', token: 'acme_live_1234567890' }]),
  },
  getApiKeyUsage: `api-keys usage ${KEY}`,
  explainApiKey: `api-keys explain ${KEY} --permission agents:read --agent ${AGENT} --ip 192.0.2.1 --cost 2`,

  listPublicKeys: `public-keys list --agent ${AGENT}`,
  createPublicKey: `public-keys create --name web --agent ${AGENT} --origin https://app.example.com --development --expires 90d`,
  getPublicKey: `public-keys show ${KEY}`,
  updatePublicKey: `public-keys update ${KEY} --name web --keep-origin https://app.example.com`,
  addTemporaryOrigin: `public-keys add-origin ${KEY} https://preview.example.com --expires 12h`,
  suspendPublicKey: `public-keys suspend ${KEY}`,
  resumePublicKey: `public-keys resume ${KEY}`,
  revokePublicKey: `public-keys revoke ${KEY} --yes`,
  getPublicKeyUsage: `public-keys usage ${KEY}`,
  explainPublicKey: `public-keys explain ${KEY} --origin https://app.example.com`,
  getEmbeddedAgent: `public-keys try mcpstack_pk_${'a'.repeat(49)} --origin https://app.example.com`,

  listServers: 'servers list',
  createServer: 'servers create --name Search --url https://mcp.example.com',
  getServer: `servers show ${SERVER}`,
  updateServer: `servers update ${SERVER} --url https://mcp.example.com`,
  removeServer: `servers remove ${SERVER} --yes`,

  listAgents: 'agents list',
  createAgent: 'agents create --name Support',
  getAgent: `agents show ${AGENT}`,
  renameAgent: `agents update ${AGENT} --name Support`,
  removeAgent: `agents remove ${AGENT} --yes`,

  listDomains: `domains list --agent ${AGENT}`,
  addDomain: `domains add example.com --agent ${AGENT}`,
  getDomain: `domains show ${DOMAIN} --agent ${AGENT}`,
  checkDomain: { line: `domains check ${DOMAIN} --agent ${AGENT}`, code: 0 },
  removeDomain: `domains remove ${DOMAIN} --agent ${AGENT} --yes`,

  listMembers: 'members list',
  getMember: `members show ${USER}`,
  changeMemberRole: `members update ${USER} --role admin`,
  suspendMember: `members suspend ${USER}`,
  resumeMember: `members resume ${USER}`,
  removeMember: `members remove ${USER} --yes`,

  listInvitations: 'invitations list',
  inviteMember: 'invitations create --email ada@example.com --role developer --expires 7d',
  getInvitation: `invitations show ${INVITATION}`,
  revokeInvitation: `invitations withdraw ${INVITATION} --yes`,
  acceptInvitation: { line: 'invitations accept --token-stdin', stdin: 'mcpstack_it_token' },

  listEvents: `events list --type KeyRevoked,KeyCreated --actor ${USER} --subject ${KEY} --since 30d --until 1d --last 7`,
  listApiKeyEvents: `api-keys history ${KEY}`,

  listWebhooks: 'webhooks list',
  createWebhook:
    'webhooks create --url https://siem.example.com/hooks/mcpstack --name siem --event KeyRevoked,KeyExpiring',
  getWebhook: `webhooks show ${WEBHOOK}`,
  updateWebhook: `webhooks update ${WEBHOOK} --name audit --event * --if-revision 7`,
  removeWebhook: `webhooks remove ${WEBHOOK} --yes`,
  rotateWebhookSecret: `webhooks rotate-secret ${WEBHOOK} --keep-old 1h`,
  disableWebhook: `webhooks disable ${WEBHOOK}`,
  enableWebhook: `webhooks enable ${WEBHOOK}`,
  testWebhook: `webhooks test ${WEBHOOK}`,
  replayWebhook: `webhooks replay ${WEBHOOK} --time 2030-01-31T12:00:00Z`,
  listWebhookDeliveries: `webhooks deliveries ${WEBHOOK}`,

  listPermissions: 'permissions list --role owner',
  getMe: 'whoami',
  getProfile: 'profile show',
  changeProfile: 'profile update --name Ada',
  eraseProfile: 'profile erase --yes',

  revokeCredentials: { line: 'credentials revoke', stdin: `${SECRET}\n` },
  revokeOwnKey: 'auth service-account revoke --yes',
  reportGithubSecrets: { without: 'GitHub signs it; nobody else can ask it' },
  listSessions: 'auth sessions list',
  endSession: 'auth sessions end ses_7h9J1l3N5p7R9t1V3x5Z7b --yes',
  beginDeviceLogin: { command: 'auth login', spec: 'test/login.int.spec.ts' },
  getToken: { command: 'auth login', spec: 'test/refresh.int.spec.ts' },
  logout: { command: 'auth logout', spec: 'test/login.int.spec.ts' },
};

/** What asks nothing of its own of the API. */
const LOCAL =
  /^(auth status|auth service-account login|config|completion|org use|org leave|agents embed)( |$)/;

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const lineOf = (entry: Entry): Line | undefined =>
  typeof entry === 'string' ? { line: entry } : 'line' in entry ? entry : undefined;
const lines = Object.entries(TABLE).flatMap(([operationId, entry]) => {
  const line = lineOf(entry);
  return line ? [[operationId, line] as const] : [];
});

describe('the commands and the API', () => {
  it('every operation has a command, or a reason why not; and there is nothing else in the table', () => {
    expect(Object.keys(TABLE).sort()).toEqual(operationIds().sort());
  });

  it('every command stands in the table, or needs no operation', () => {
    const elsewhere = Object.values(TABLE).filter((entry) => typeof entry === 'object' && 'spec' in entry);
    for (const { spec } of elsewhere) expect(existsSync(join(ROOM, spec))).toBe(true);
    const used = [...lines.map(([, { line }]) => line), ...elsewhere.map(({ command }) => command)];
    const unused = commandPaths().filter(
      (path) => !LOCAL.test(path) && !used.some((line) => `${line} `.startsWith(`${path} `)),
    );
    expect(unused).toEqual([]);
  });

  it.each(lines)('%s', async (operationId, { line, stdin, code = 0 }) => {
    for (const mode of [[], ['--json'], ['--quiet']]) {
      api.reset();
      if (operationId === 'revokeOwnKey')
        api.on('getMe', () => ({ body: { type: 'key', id: KEY, organizationId: 'org_1' } }));
      const result = await runCli([...line.split(' '), ...mode], { api, ...(stdin && { stdin }) });
      expect([result.code, result.stderr.includes('undefined')]).toEqual([code, false]);
      expect([api.last(operationId)?.operationId, api.offences]).toEqual([operationId, []]);
      expect(result.stdout).not.toMatch(/undefined|\[object/);
      if (mode[0] === '--json') expect(() => JSON.parse(result.stdout) as unknown).not.toThrow();
    }
  });

  it('control: a query, a body or a path that the document does not have is an offence', async () => {
    await fetch(`${api.url}/api/v1/organizations/org_1/servers?colour=red`);
    await fetch(`${api.url}/api/v1/organizations/org_1/servers`, { method: 'POST', body: '{"url":1}' });
    await fetch(`${api.url}/api/v1/nothing`);
    expect(api.offences).toHaveLength(4);
  });
});
