/** The scripts of readers, see script.ts. None of them writes. */
import { IDENTITY, script } from './script.ts';

/** Every read answers this header first: whose data it is, how it is stamped, and how far it is. */
const READ = `${IDENTITY}
local control = redis.call('HMGET', KEYS[1], 'session', 'identity', 'counter', 'active')
local head = { role, identity, control[1], control[2], control[3], control[4], false }
if role ~= 'master' or not control[4] then return { head } end
local at = prefix .. control[4] .. ':'
head[7] = redis.call('HGET', at .. 'meta', 'position')
local function row(name) return redis.call('HMGET', at .. name, 'data', 'rev', 'parked') end
`;

/**
 * rowsOf(id): key, organization and agent. One that is no hash answers false: it must not fail those that are asked
 * for together with it.
 */
const ROWS_OF_KEY = `
local nothing = { false, false, false }
local function fields(name, ...)
  local found = redis.pcall('HMGET', at .. name, ...)
  return not found.err and found
end
local known = {}
local function rowIf(id, kind)
  local name = kind .. ':' .. id
  -- Many keys of one script are of one organization.
  if known[name] == nil then known[name] = fields(name, 'data', 'rev', 'parked') end
  return known[name]
end
local function rowsOf(id)
  local key = fields('key:' .. id, 'data', 'rev', 'parked', 'org', 'agent')
  if not key then return { false, nothing, nothing } end
  return {
    { key[1], key[2], key[3] }, key[4] and rowIf(key[4], 'organization') or not key[4] and nothing,
    key[5] and rowIf(key[5], 'agent') or not key[5] and nothing,
  }, key[4], key[5]
end
`;

/**
 * mark(id, organization, agent, rows): a name for the very state of all that was read, which `unchanged` compares.
 * None for what is absent, parked or broken. Of a row: revision, parked, and how long its data is, since a revision
 * says nothing of data that is gone or cut off.
 */
const MARK = `
local function mark(id, organization, agent, key, ofOrganization, ofAgent)
  local function state(row) return row and row[1] and not row[2] and row[3] > 0 and row[1] .. '/' .. row[3] end
  local parts = { control[4], id, state(key), organization, state(ofOrganization) }
  if agent then
    parts[6], parts[7] = agent, state(ofAgent)
  end
  for i = 1, agent and 7 or 5 do
    if not parts[i] then return false end
  end
  return table.concat(parts, ':')
end
`;

/**
 * find(from, count): what the digests of one token, ARGV[from] on, lead to. Of several claims the oldest counts; one
 * that cannot be read may be the oldest, so the key's id is then ''. A few commands whatever the numbers of keys and
 * digests are.
 */
const FIND = `${ROWS_OF_KEY}${MARK}
local function find(from, count)
  local claims = {}
  for i = 1, count do claims[i] = at .. 'digest:' .. ARGV[from + i - 1] end
  local position, id, digest
  for i, claim in ipairs(redis.call('MGET', unpack(claims))) do
    if claim then
      local claimedAt, claimedBy = string.match(claim, '^(%d+):(.+)$')
      if not claimedAt then return { '', '' } end
      if not position or tonumber(claimedAt) < position then
        position, id, digest = tonumber(claimedAt), claimedBy, ARGV[from + i - 1]
      end
    end
  end
  if id then
    local rows, organization, agent = rowsOf(id)
    local function state(row) return row and { row[2], row[3], #(row[1] or '') } end
    return { id, digest, rows, mark(id, organization, agent, state(rows[1]), state(rows[2]), state(rows[3])) }
  end
  -- One that is of another type looks absent above.
  return redis.call('EXISTS', unpack(claims)) > 0 and { '', '' }
end
`;

/** listed(list, order, bound, count): members and scores of a sorted set from a bound on, alternating. */
const LISTED = `
local function listed(list, order, bound, count)
  if order == 'newest' then
    return redis.call('ZREVRANGEBYSCORE', at .. list, bound, '-inf', 'WITHSCORES', 'LIMIT', 0, count)
  end
  return redis.call('ZRANGEBYSCORE', at .. list, bound, '+inf', 'WITHSCORES', 'LIMIT', 0, count)
end
`;

export const READ_SCRIPTS = {
  position: script('position', `${READ} return { head }`),

  /** ARGV: digests of one token. Answers key id, digest, and the rows of key, organization and agent; false: none has one. */
  findByDigests: script('findByDigests', `${READ}${FIND} return { head, find(1, #ARGV) }`),

  /** ARGV: per token how many digests, and they. Answers the same for each. */
  findMany: script(
    'findMany',
    `${READ}${FIND}
local found = {}
local i = 1
while i <= #ARGV do
  local count = tonumber(ARGV[i])
  found[#found + 1] = find(i + 1, count)
  i = i + 1 + count
end
return { head, found }`,
  ),

  /** ARGV: digest and mark of each. Answers a text of 1 for each that is as it was, else 0. */
  unchanged: script(
    'unchanged',
    `${READ}${ROWS_OF_KEY}${MARK}
local states = {}
local function sized(name, row) return row and { row[1], row[2], redis.call('HSTRLEN', at .. name, 'data') } end
local function stateOf(kind, id)
  if not id then return false end
  local name = kind .. ':' .. id
  if states[name] == nil then states[name] = sized(name, fields(name, 'rev', 'parked')) end
  return states[name]
end
local same = {}
for i = 1, #ARGV, 2 do
  local claim = redis.pcall('GET', at .. 'digest:' .. ARGV[i])
  local id = type(claim) == 'string' and string.match(claim, '^%d+:(.+)$')
  local key = id and fields('key:' .. id, 'rev', 'parked', 'org', 'agent')
  local state = key and sized('key:' .. id, key)
  local now = key and mark(id, key[3], key[4], state, stateOf('organization', key[3]), stateOf('agent', key[4]))
  same[#same + 1] = now == ARGV[i + 1] and '1' or '0'
end
return { head, table.concat(same) }`,
  ),

  /** ARGV: key id, organization id. Answers the rows likewise; false for a key of another organization. */
  findKey: script(
    'findKey',
    `${READ}${ROWS_OF_KEY}
local rows, organization = rowsOf(ARGV[1])
return { head, organization == ARGV[2] and rows }`,
  ),

  /** ARGV: record names. Answers the row of each. */
  records: script(
    'records',
    `${READ}
local rows = {}
for i = 1, #ARGV do rows[i] = row(ARGV[i]) end
return { head, rows }`,
  ),

  /** ARGV: list, order, bound, count, kind of record. Answers score and row of each. */
  list: script(
    'list',
    `${READ}${LISTED}
local rows = {}
local found = listed(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
for i = 1, #found, 2 do rows[#rows + 1] = { found[i + 1], row(ARGV[5] .. ':' .. found[i]) } end
return { head, rows }`,
  ),

  /** ARGV: list, order, bound, count. Answers score, row and usage row of each. */
  listKeys: script(
    'listKeys',
    `${READ}${LISTED}
local rows = {}
local found = listed(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
for i = 1, #found, 2 do
  rows[#rows + 1] = { found[i + 1], row('key:' .. found[i]), row('usage:' .. found[i]) }
end
return { head, rows }`,
  ),

  /** ARGV: key id. Answers the rows of key and usage, and the windows of use. */
  keyUsage: script(
    'keyUsage',
    `${READ}
local windows = redis.call('LRANGE', at .. 'usage-windows:' .. ARGV[1], 0, -1)
return { head, { row('key:' .. ARGV[1]), row('usage:' .. ARGV[1]), windows } }`,
  ),

  /** ARGV: record name, hash, field. Answers the row and the part. */
  part: script(
    'part',
    `${READ} return { head, { row(ARGV[1]), redis.call('HGET', at .. ARGV[2], ARGV[3]) } }`,
  ),

  /** ARGV: list, order, bound, count, record name, hash. Answers the row, then score, field, part of each. */
  listParts: script(
    'listParts',
    `${READ}${LISTED}
local rows = {}
local found = listed(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
for i = 1, #found, 2 do
  rows[#rows + 1] = { found[i + 1], found[i], redis.call('HGET', at .. ARGV[6], found[i]) }
end
return { head, { row(ARGV[5]), rows } }`,
  ),

  /** ARGV: user id, count. Oldest first: organization id, row, and the member's part of each. */
  organizationsOf: script(
    'organizationsOf',
    `${READ}
local rows = {}
for i, id in ipairs(redis.call('ZRANGE', at .. 'user-organizations:' .. ARGV[1], 0, ARGV[2] - 1)) do
  rows[i] = { id, row('organization:' .. id), redis.call('HGET', at .. 'members:' .. id, ARGV[1]) }
end
return { head, rows }`,
  ),

  /** ARGV: time in milliseconds, count. Answers key id and organization id of each, the longest due first. */
  dueKeys: script(
    'dueKeys',
    `${READ}
local rows = {}
for i, id in ipairs(redis.call('ZRANGEBYSCORE', at .. 'due-keys', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  rows[i] = { id, redis.call('HGET', at .. 'key:' .. id, 'org') }
end
return { head, rows }`,
  ),

  /** ARGV: name, time in milliseconds. Answers how many keys allow the origin beyond then. */
  origin: script(
    'origin',
    `${READ} return { head, redis.call('ZCOUNT', at .. ARGV[1], '(' .. ARGV[2], '+inf') }`,
  ),

  /**
   * ARGV: list, order, lowest and highest position, count, how many are kept, and '' or the name of a record. Answers
   * the record's row if there is one, members and scores alternating, and the oldest member with its score where the
   * list is full. Of a record only those that stand with it, unless they are too many: then all.
   */
  events: script(
    'events',
    `${READ}
if not head[7] then return { head } end
local list, low, high, count = at .. ARGV[1], ARGV[3], ARGV[4], tonumber(ARGV[5])
-- Beyond the position some may stand already whose predecessors do not.
if tonumber(head[7]) < tonumber(high) then high = head[7] end
local record, noted = false, false
if ARGV[7] ~= '' then
  record = row(ARGV[7])
  noted = redis.call('HGET', at .. ARGV[7], 'events') or ''
end
local found = {}
if noted and noted ~= '-' then
  local positions = {}
  for position in string.gmatch(noted, '%d+') do
    local number = tonumber(position)
    if number >= tonumber(low) and number <= tonumber(high) then positions[#positions + 1] = position end
  end
  for i = 1, #positions do
    if #found >= 2 * count then break end
    local position = positions[ARGV[2] == 'newest' and #positions + 1 - i or i]
    local member = redis.call('ZRANGEBYSCORE', list, position, position)[1]
    -- An older one may not be kept any more.
    if member then
      found[#found + 1] = member
      found[#found + 1] = position
    end
  end
elseif ARGV[2] == 'newest' then
  found = redis.call('ZREVRANGEBYSCORE', list, high, low, 'WITHSCORES', 'LIMIT', 0, count)
else
  found = redis.call('ZRANGEBYSCORE', list, low, high, 'WITHSCORES', 'LIMIT', 0, count)
end
local oldest = redis.call('ZCARD', list) >= tonumber(ARGV[6]) and redis.call('ZRANGE', list, 0, 0, 'WITHSCORES')
return { head, { record, found, oldest } }`,
  ),

  /** ARGV: list, order, bound, count. Answers score and member of each, then id and row of each agent once. */
  listDomains: script(
    'listDomains',
    `${READ}${LISTED}
local rows, agents, seen = {}, {}, {}
local found = listed(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
for i = 1, #found, 2 do
  rows[#rows + 1] = { found[i + 1], found[i] }
  local agent = string.match(found[i], '^[^/]*')
  if not seen[agent] then
    seen[agent] = true
    agents[#agents + 1] = { agent, row('agent:' .. agent) }
  end
end
return { head, { rows, agents } }`,
  ),
} as const;
