/** The scripts of whoever compares the read models with the log, see script.ts. None of them writes. */
import { IDENTITY, script } from './script.ts';

/** ARGV[1]: generation. Answers its position first; 'superseded' where it is in force no more. */
const AT = `${IDENTITY}
if redis.call('HGET', KEYS[1], 'active') ~= ARGV[1] then return { 'superseded' } end
local at = prefix .. ARGV[1] .. ':'
local position = redis.call('HGET', at .. 'meta', 'position')
`;

/** More fields than that are read in pieces. */
export const MOST_FIELDS_AT_ONCE = 512;

export const AUDIT_SCRIPTS = {
  /** Answers role, generation in force, and its position, log id and schema. */
  head: script(
    'head',
    `${IDENTITY}
local active = redis.call('HGET', KEYS[1], 'active')
if not active then return { role, false } end
return { role, active, unpack(redis.call('HMGET', prefix .. active .. ':meta', 'position', 'logId', 'schema')) }`,
  ),

  /**
   * ARGV from 2: per name its kind, the name, how many fields, and they. Answers the values of each; 'other' for a name
   * of another type. The fields of a log are ascending scores: it answers members and scores from the first to the last.
   */
  cells: script(
    'cells',
    `${AT}
local ASK = { hash = 'HMGET', ['sorted-set'] = 'ZMSCORE', set = 'SMISMEMBER' }
local found = {}
local i = 2
while i <= #ARGV do
  local kind, name, count = ARGV[i], at .. ARGV[i + 1], tonumber(ARGV[i + 2])
  local values
  if kind == 'string' then values = redis.pcall('GET', name)
  elseif kind == 'log' then
    values = redis.pcall('ZRANGEBYSCORE', name, ARGV[i + 3], ARGV[i + 2 + count], 'WITHSCORES', 'LIMIT', 0, 2 * count)
  elseif kind == 'list' then values = redis.pcall('LRANGE', name, 0, ${MOST_FIELDS_AT_ONCE})
  else values = redis.pcall(ASK[kind], name, unpack(ARGV, i + 3, i + 2 + count)) end
  if type(values) == 'table' and values.err then values = 'other'
  elseif kind == 'string' or kind == 'list' then values = { values } end
  found[#found + 1] = values
  i = i + 3 + count
end
return { 'ok', position, found }`,
  ),

  /** ARGV from 2: names. Answers the type of each and its fields, of a sorted set with their scores; false for the fields where they are many. */
  fields: script(
    'fields',
    `${AT}
local SIZE = { hash = 'HLEN', zset = 'ZCARD', set = 'SCARD' }
local ALL = { hash = { 'HKEYS' }, zset = { 'ZRANGE', 0, -1, 'WITHSCORES' }, set = { 'SMEMBERS' } }
local found = {}
for i = 2, #ARGV do
  local name = at .. ARGV[i]
  local kind = redis.call('TYPE', name).ok
  local fields = {}
  if SIZE[kind] then
    local ask = ALL[kind]
    fields = redis.call(SIZE[kind], name) <= ${MOST_FIELDS_AT_ONCE} and redis.call(ask[1], name, unpack(ask, 2))
  end
  found[i - 1] = { kind, fields }
end
return { 'ok', position, found }`,
  ),

  /** ARGV[2]: name, ARGV[3]: type, ARGV[4]: cursor. Answers the next cursor and some fields with their values. */
  scan: script(
    'scan',
    `${AT}
local SCAN = { hash = 'HSCAN', zset = 'ZSCAN', set = 'SSCAN' }
local found = redis.pcall(SCAN[ARGV[3]], at .. ARGV[2], ARGV[4], 'COUNT', ${MOST_FIELDS_AT_ONCE})
if found.err then return { 'ok', position, { '0', {} } } end
return { 'ok', position, found }`,
  ),
} as const;
