/** Every event that was ever written, in each format; and that no format tells what must not leave the log. */
import { Ajv } from 'ajv';
import { CloudEvent } from 'cloudevents';
import { CATEGORIES, codecFor } from '@mcpstack/domain';
import { goldenEvents } from '../../test/golden.ts';
import { OCSF_SCHEMA } from '../../test/ocsf-schema.ts';
import { cloudEvents } from './cloud-events.ts';
import { cell, csv } from './csv.ts';
import { type Format } from './format.ts';
import { MAPPINGS } from './ocsf-table.ts';
import { ocsf } from './ocsf.ts';
import { TOLD_TYPES, toldEvent, type ToldEvent } from './told-event.ts';

const LOG = '3f1c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12';
const ORGANIZATION = 'org_0000000000000000000001';
const GOLDEN = goldenEvents().map(({ name, stored, event }) => ({
  name,
  stored,
  told: toldEvent(stored, event, name.startsWith('User') ? undefined : ORGANIZATION),
}));
const FORMATS: readonly (readonly [string, Format])[] = [
  ['CloudEvents', cloudEvents(LOG)],
  ['OCSF', ocsf(LOG)],
  ['CSV', csv],
];
const toldOf = (name: string): ToldEvent => GOLDEN.find((one) => one.name === name)!.told;

it('there is a line for every event of every category', () => {
  const types = CATEGORIES.flatMap((category) => Object.keys(codecFor(category).versions));
  expect([...TOLD_TYPES].sort()).toEqual(types.sort());
  expect(new Set(GOLDEN.map(({ told }) => told.type))).toEqual(new Set(TOLD_TYPES));
  expect(Object.keys(MAPPINGS).sort()).toEqual([...TOLD_TYPES].sort());
});

it.each(FORMATS)('%s: one line each, which tells its place and its log', (name, format) => {
  for (const { told } of GOLDEN) {
    const line = format.line(told);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(format.positionOf(line)).toBe(BigInt(told.position));
    if (name !== 'CSV') expect(format.logOf(line)).toBe(`urn:mcpstack:log:${LOG}`);
    expect(format.positionOf(`x${line}`)).toBeUndefined();
  }
});

/** What stands in the golden files and must stand in no export. */
const SECRET =
  /9c9c9c9c|pepper|digest|challenge|mcpstack-verify|mcpstack_[sp]k_|"leaves"|frontier|salt|Zk3vB0c1Qw7xYp2A/i;

it.each(FORMATS)('%s: no digest, no pepper, no challenge, no key', (_, format) => {
  for (const { told } of GOLDEN) expect(format.line(told)).not.toMatch(SECRET);
});

it('control: the log does hold them', () => {
  const held = GOLDEN.filter(({ stored }) => SECRET.test(JSON.stringify(stored.data)));
  expect(held.length).toBeGreaterThan(8);
});

it('CloudEvents: the library of the specification takes each of them', () => {
  const format = cloudEvents(LOG);
  for (const { told } of GOLDEN) {
    const sent = JSON.parse(format.line(told)) as object;
    const event = new CloudEvent(sent, true);
    expect(event).toMatchObject({
      specversion: '1.0',
      id: told.id,
      source: `urn:mcpstack:log:${LOG}`,
      type: `com.mcpstack.keys.${told.type}`,
      subject: told.subject.id,
      time: told.at,
    });
    // Attribute names: CloudEvents 1.0, section 3.1.
    expect(Object.keys(sent).every((key) => /^[a-z0-9]{1,20}$/.test(key))).toBe(true);
  }
  const { time: _, ...timeless } = JSON.parse(format.line(toldOf('KeyRevoked.v2'))) as Record<
    string,
    unknown
  >;
  expect(() => new CloudEvent({ ...timeless, type: '' }, true)).toThrow();
});

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
const isOcsf = ajv.compile(OCSF_SCHEMA);
const ocsfOf = (told: ToldEvent): Record<string, unknown> =>
  JSON.parse(ocsf(LOG).line(told)) as Record<string, unknown>;

it('OCSF 1.7.0: all required attributes, and none that it does not know', () => {
  for (const { name, told } of GOLDEN) {
    isOcsf(ocsfOf(told));
    expect([name, isOcsf.errors]).toEqual([name, null]);
  }
});

it.each(['metadata', 'activity_id', 'type_uid', 'time', 'severity_id', 'user'])(
  'control: OCSF without %s is refused',
  (attribute) => {
    const { [attribute]: _, ...rest } = ocsfOf(toldOf('KeyRevoked.v2'));
    expect(isOcsf(rest)).toBe(false);
  },
);

it.each([
  ['KeyCreated.v2', 300101, 'Low', 'Account Change: Create'],
  ['KeyRevoked.v2', 300106, 'High', 'Account Change: Delete'],
  ['KeyRevoked.v1', 300106, 'Low', 'Account Change: Delete'],
  ['KeyRotated.v1', 300103, 'Informational', 'Account Change: Password Change'],
  ['KeyExposed.v1', 300199, 'High', 'Account Change: Secret Exposed'],
  ['MemberRemoved.v1', 300106, 'Low', 'Account Change: Delete'],
  ['KeyUsed.v2', 300201, 'Informational', 'Authentication: Logon'],
  ['AgentRemoved.v1', 600304, 'Informational', 'API Activity: Delete'],
  ['OrganizationPolicyChanged.v1', 600303, 'Low', 'API Activity: Update'],
])('OCSF: %s is %i, %s, %s', (name, type_uid, severity, type_name) => {
  expect(ocsfOf(toldOf(name))).toMatchObject({ type_uid, severity, type_name });
});

it('OCSF: an account is who it happened to, the actor is who did it', () => {
  expect(ocsfOf(toldOf('InvitationAccepted.v1'))).toMatchObject({
    actor: { user: { uid: 'user_0000000000000000000001', type: 'User' } },
    user: { uid: 'user_0000000000000000000001', type_id: 1 },
    policies: [{ name: 'admin' }],
  });
  expect(ocsfOf(toldOf('KeyUsed.v2'))).toMatchObject({
    actor: { user: { uid: 'authorizer', type_id: 3 } },
    user: { uid: 'key_0000000000000000000001', type_id: 4 },
    count: 42,
    start_time: Date.parse('2026-11-24T07:59:50.000Z'),
  });
});

/** RFC 4180, as a reader that knows nothing of us has it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, at]: [string[], number] = [[], 0];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (at < text.length) {
    field.lastIndex = at;
    const [all, quoted, bare, end] = field.exec(text)!;
    row.push(quoted?.replaceAll('""', '"') ?? bare!);
    at += all.length;
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

it('CSV: RFC 4180 with a header, and every row has what the event has', () => {
  const [head, ...rows] = parseCsv(csv.head + GOLDEN.map(({ told }) => csv.line(told)).join(''));
  expect(head).toEqual(
    'position,time,type,what,organization_id,actor_type,actor_id,subject_kind,subject_id,request_id,event_id,data'.split(
      ',',
    ),
  );
  expect(rows).toHaveLength(GOLDEN.length);
  rows.forEach((row, index) => {
    const { told } = GOLDEN[index]!;
    expect(row).toHaveLength(12);
    expect(row.slice(0, 3)).toEqual([told.position, told.at, told.type]);
    expect(JSON.parse(row[11]!)).toEqual(told.data);
  });
});

it.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1+1',
  '＋1',
  '－1',
  '＠x',
  '=HYPERLINK("https://e.example","a")',
])('CSV: a cell that begins like a formula is text: %j', (text) => {
  expect(parseCsv(`${cell(text)}\r\n`)[0]![0]).toMatch(/^'/);
  // Wherever in an event somebody else may have chosen the text.
  const told = { ...toldOf('KeyRenamed.v1'), requestId: text, actor: { type: 'user' as const, id: text } };
  const [row] = parseCsv(csv.line(told));
  expect(row!.filter((one) => /^[=+\-@\t\r\n＝＋－＠]/.test(one))).toEqual([]);
});

it('CSV: quotes, commas and line breaks stay in their cell', () => {
  const told = { ...toldOf('KeyRenamed.v1'), what: () => 'a "b", c\r\nd', requestId: 'x,y' };
  const [row, ...others] = parseCsv(csv.line(told));
  expect(others).toEqual([]);
  expect([row![3], row![9]]).toEqual(['a "b", c d', 'x,y']);
});
