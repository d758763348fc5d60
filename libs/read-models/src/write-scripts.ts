/** The scripts of the one writer, see script.ts. */
import { IDENTITY, script } from './script.ts';

/** So many events are kept of each organization; older ones are in the log alone. */
export const KEPT_EVENTS = 100_000;
/** Positions that stand with a record take at most so many characters: each change of it writes them anew. */
export const MOST_NOTED = 8_192;

/** Every write first proves that the server and the data set are this session's (ARGV: session, identity). */
const WRITE = `${IDENTITY}
local control = redis.call('HMGET', KEYS[1], 'session', 'identity', 'counter', 'active', 'building')
if role ~= 'master' then return { 'refused', 'the server is not a primary' } end
if identity ~= ARGV[2] then return { 'refused', 'the server has another identity' } end
if control[2] ~= identity or control[1] ~= ARGV[1] then return { 'refused', 'another session writes here' } end
`;

export const WRITE_SCRIPTS = {
  /** ARGV: new session. Takes the data set; answers identity, active, building, position, log id, schema, last event. */
  begin: script(
    'begin',
    `${IDENTITY}
if role ~= 'master' then return { 'refused', 'the server is not a primary' } end
redis.call('HSET', KEYS[1], 'session', ARGV[1], 'identity', identity, 'counter', 0)
local control = redis.call('HMGET', KEYS[1], 'active', 'building')
local meta = { false, false, false, false }
if control[1] then
  meta = redis.call('HMGET', prefix .. control[1] .. ':meta', 'position', 'logId', 'schema', 'last')
end
return { 'ok', identity, control[1], control[2], meta[1], meta[2], meta[3], meta[4] }`,
  ),

  /** ARGV[3]: counter, exactly one above the stored one. */
  stamp: script(
    'stamp',
    `${WRITE}
if tonumber(control[3]) + 1 ~= tonumber(ARGV[3]) then return { 'refused', 'another stamp stands here' } end
redis.call('HSET', KEYS[1], 'counter', ARGV[3])
return { 'ok' }`,
  ),

  /** ARGV[3]: generation; then record names. Answers rev, data, parked of each. */
  load: script(
    'load',
    `${WRITE}
local rows = {}
for i = 4, #ARGV do
  rows[i - 3] = redis.call('HMGET', prefix .. ARGV[3] .. ':' .. ARGV[i], 'rev', 'data', 'parked')
end
return { 'ok', rows }`,
  ),

  /** ARGV[3]: generation, ARGV[4]: name, ARGV[5]: field. Answers the part of a record that stands there. */
  part: script(
    'part',
    `${WRITE} return { 'ok', redis.call('HGET', prefix .. ARGV[3] .. ':' .. ARGV[4], ARGV[5]) }`,
  ),

  /**
   * ARGV[3]: generation, ARGV[4]: position of the last event handled, ARGV[5]: which one that is; then per change:
   * record name, the revision that must stand there ('' for none), the new revision, how many commands, and each command
   * as its length and its words, the second word being a name within the generation. Three are no commands of
   * Redis. CLAIM puts position and owner where none with an earlier position stands, whoever comes first. KEEP puts a
   * member into a sorted set, of which only the highest KEPT_EVENTS stay, whatever the order in which they come. NOTE adds positions to the field `events` of a hash, or '-' once they are very many.
   * Answers the places (from 1) of changes that met another revision; then the position has not moved.
   */
  apply: script(
    'apply',
    `${WRITE}
if ARGV[3] ~= control[4] and ARGV[3] ~= control[5] then return { 'superseded' } end
local at = prefix .. ARGV[3] .. ':'
local function claim(name, position, owner)
  local held = redis.call('GET', name)
  if held and tonumber(string.match(held, '^%d+')) <= tonumber(position) then return end
  redis.call('SET', name, position .. ':' .. owner)
end
local kept = {}
local function keep(name, score, member)
  local held = kept[name] or {}
  kept[name] = held
  held[#held + 1] = score
  held[#held + 1] = member
end
local function note(name, positions)
  local noted = redis.call('HGET', name, 'events')
  if noted == '-' then return end
  local all = noted and noted .. ' ' .. positions or positions
  redis.call('HSET', name, 'events', #all <= ${MOST_NOTED} and all or '-')
end
local conflicts = {}
local place, i = 0, 6
while i <= #ARGV do
  place = place + 1
  local name, expected, revision, commands = at .. ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
  i = i + 4
  local stored = redis.call('HGET', name, 'rev') or ''
  local write = stored == expected
  if not write and (stored == '' or tonumber(stored) < tonumber(revision)) then
    conflicts[#conflicts + 1] = place
  end
  for _ = 1, commands do
    local words = tonumber(ARGV[i])
    if write then
      local command, on = ARGV[i + 1], at .. ARGV[i + 2]
      if command == 'CLAIM' then claim(on, ARGV[i + 3], ARGV[i + 4])
      elseif command == 'KEEP' then keep(on, ARGV[i + 3], ARGV[i + 4])
      elseif command == 'NOTE' then note(on, ARGV[i + 3])
      else redis.call(command, on, unpack(ARGV, i + 3, i + words)) end
    end
    i = i + words + 1
  end
  if write then redis.call('HSET', name, 'rev', revision) end
end
-- All of a list at once: a command for each would take longer than what it does.
for name, held in pairs(kept) do
  for i = 1, #held, 500 do redis.call('ZADD', name, unpack(held, i, math.min(i + 499, #held))) end
  redis.call('ZREMRANGEBYRANK', name, 0, ${-KEPT_EVENTS - 1})
end
if #conflicts == 0 then
  local before = redis.call('HGET', at .. 'meta', 'position')
  if not before or tonumber(before) < tonumber(ARGV[4]) then
    redis.call('HSET', at .. 'meta', 'position', ARGV[4], 'last', ARGV[5])
  end
end
return { 'ok', conflicts }`,
  ),

  /** ARGV[3]: log id, ARGV[4]: schema. Begins a generation beside the live one; answers its name. */
  build: script(
    'build',
    `${WRITE}
local name = 'g-' .. redis.call('HINCRBY', KEYS[1], 'generations', 1)
redis.call('HSET', KEYS[1], 'building', name)
redis.call('HSET', prefix .. name .. ':meta', 'position', -1, 'logId', ARGV[3], 'schema', ARGV[4])
return { 'ok', name }`,
  ),

  /** ARGV[3]: the generation being built. Puts it in force once it is at or past the live one. */
  switch: script(
    'switch',
    `${WRITE}
if ARGV[3] ~= control[5] then return { 'superseded' } end
if control[4] then
  local live = tonumber(redis.call('HGET', prefix .. control[4] .. ':meta', 'position') or -1)
  if tonumber(redis.call('HGET', prefix .. ARGV[3] .. ':meta', 'position')) < live then return { 'behind' } end
end
redis.call('HSET', KEYS[1], 'active', ARGV[3])
redis.call('HDEL', KEYS[1], 'building')
return { 'ok' }`,
  ),

  /** Takes the generation in force out of force: it belongs to another log. */
  discard: script('discard', `${WRITE} redis.call('HDEL', KEYS[1], 'active', 'building') return { 'ok' }`),

  /** ARGV from 3: full names. Removes them, except those of a generation in force or being built. */
  drop: script(
    'drop',
    `${WRITE}
local removed = 0
for i = 3, #ARGV do
  local generation = string.match(ARGV[i], '^' .. string.gsub(prefix, '%p', '%%%0') .. '(g%-%d+):')
  if generation and generation ~= control[4] and generation ~= control[5] then
    removed = removed + redis.call('UNLINK', ARGV[i])
  end
end
return { 'ok', removed }`,
  ),

  /**
   * ARGV[3]: generation; then the lists of a maker's keys in force and of those that have ended, the set of keys
   * that made keys, and a limit. Answers how many are in force, the first of them, and the ended ones that made keys.
   */
  keysOfMaker: script(
    'keysOfMaker',
    `${WRITE}
if ARGV[3] ~= control[4] then return { 'superseded' } end
local at = prefix .. ARGV[3] .. ':'
local made = redis.call('ZRANGE', at .. ARGV[4], 0, ARGV[7] - 1)
return { 'ok', redis.call('ZCARD', at .. ARGV[4]), made, redis.call('ZINTER', 2, at .. ARGV[5], at .. ARGV[6]) }`,
  ),

  /** ARGV[3]: generation. How many events are parked there. */
  parked: script('parked', `${WRITE} return { 'ok', redis.call('ZCARD', prefix .. ARGV[3] .. ':parked') }`),
} as const;
