/**
 * The scripts that count what keys use, see script.ts. Authorizers run them; limits.ts says what they promise.
 *
 * A limit's window is cut into sub-windows of `width`, numbered from 1970 on. Two units that are less than a window
 * apart are at most `span` sub-windows apart, so what counts is the present sub-window and the `span` before it, the
 * oldest in full. A counter is one hash: window, last (the newest sub-window), sum, and the units of each sub-window.
 * A quota's counter is a hash too: interval, from, used.
 */
import { IDENTITY, script, type Script } from './script.ts';

/** Into how many sub-windows a window is cut: a unit counts for less than a window and two sub-windows. */
const SUB_WINDOWS = 100;

const BEGIN = `${IDENTITY}
local head = { role, identity }
if role ~= 'master' then return { head } end
local function geometry(window)
  local width = math.ceil(window / ${SUB_WINDOWS})
  return width, math.ceil(window / width)
end
local function nameOf(kind, keyId, name) return prefix .. kind .. ':' .. keyId .. ':' .. name end
`;

/**
 * calendar(interval, at): where the interval that holds this time begins and ends, UTC, in milliseconds. Years are
 * taken to begin in March, so that the leap day is the last one (H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). The first of January 1970 was a Thursday.
 */
const CALENDAR = `
local LENGTHS = { 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31 }
local function dayOfMonth(day)
  local ofEra = (day + 719468) % 146097
  local year = math.floor(
    (ofEra - math.floor(ofEra / 1460) + math.floor(ofEra / 36524) - math.floor(ofEra / 146096)) / 365)
  local ofYear = ofEra - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * ofYear + 2) / 153)
  local next = year + 1
  local isLeap = next % 4 == 0 and (next % 100 ~= 0 or next % 400 == 0)
  return ofYear - math.floor((153 * month + 2) / 5), LENGTHS[month + 1] or (isLeap and 29 or 28)
end
local function calendar(interval, at)
  local unit = interval == 'hour' and 3600000 or 86400000
  local count = math.floor(at / unit)
  local since, length = 0, 1
  if interval == 'week' then since, length = (count + 3) % 7, 7
  elseif interval == 'month' then since, length = dayOfMonth(count) end
  return (count - since) * unit, (count - since + length) * unit
end
`;

/**
 * Counters as they stand now; each is read once and kept. A clock that went back leaves units ahead of it, and these
 * count as long as it takes: but where they are more than a window ahead (an interval and more), they count as taken
 * now, or a clock that was a year ahead would close the key for a year. A counter over another time than is asked
 * for counts as used up now. Both are stored so (`isAnew`) whether anything is granted or not: else the time that
 * they count for would begin anew with each look, and a key that is refused would stay so.
 */
const COUNTERS = `
local counters, order = {}, {}
local function countsOf(counter)
  if counter.counts then return counter.counts end
  local counts, flat = {}, redis.call('HGETALL', counter.at)
  for i = 1, #flat, 2 do
    local place = tonumber(flat[i])
    if place then counts[place] = tonumber(flat[i + 1]) end
  end
  counts[counter.place] = (counts[counter.place] or 0) + counter.added
  counter.counts = counts
  return counts
end
local function loadLimit(counter, limit, window)
  local stored = redis.call('HMGET', counter.at, 'window', 'last', 'sum')
  local width, span = geometry(window)
  local place = math.floor(now / width)
  counter.width, counter.span, counter.place, counter.last = width, span, place, place
  if not stored[1] then
    counter.counts = {}
    return
  end
  local last, isOther = tonumber(stored[2]), tonumber(stored[1]) ~= window
  counter.used = tonumber(stored[3])
  if isOther or last > place + span then
    if isOther then counter.used = math.max(counter.used, limit) end
    counter.isAnew, counter.added, counter.counts = true, counter.used, { [place] = counter.used }
    return
  end
  counter.last, counter.isSame = last, place <= last
  if counter.isSame then return end
  for each, count in pairs(countsOf(counter)) do
    if each < place - span then
      counter.used = counter.used - count
      counter.counts[each] = nil
      counter.gone[#counter.gone + 1] = each
    end
  end
end
local function loadQuota(counter, limit, interval)
  local stored = redis.call('HMGET', counter.at, 'interval', 'from', 'used')
  counter.from, counter.to = calendar(interval, now)
  if not stored[1] then return end
  local from, used = tonumber(stored[2]), tonumber(stored[3])
  if stored[1] ~= interval then counter.used = math.max(used, limit)
  elseif from >= counter.from then counter.used = used end
  counter.isAnew = stored[1] ~= interval or from > counter.to
  if not counter.isAnew and from == counter.to then counter.from, counter.to = calendar(interval, from) end
  counter.isSame = not counter.isAnew and from == counter.from
end
local function counterOf(kind, at, limit, over)
  local counter = counters[at]
  if not counter then
    counter = { at = at, over = over, used = 0, added = 0, gone = {} }
    if kind == 'limit' then loadLimit(counter, limit, over) else loadQuota(counter, limit, over) end
    counters[at] = counter
    order[#order + 1] = counter
  end
  return counter
end
`;

/**
 * take(counter, cost), and store(counter) at the end for each that was taken from. Where nothing but units has changed
 * (`isSame`), nothing else is written: what is written goes to the replicas and to the append-only file too.
 */
const WRITES = `
local function take(counter, cost)
  counter.isTaken, counter.used, counter.added = true, counter.used + cost, counter.added + cost
  if counter.to then return end
  counter.last = math.max(counter.last, counter.place)
  if counter.counts then counter.counts[counter.place] = (counter.counts[counter.place] or 0) + cost end
end
local function store(counter)
  local at = counter.at
  if counter.isAnew then redis.call('DEL', at) end
  if #counter.gone > 0 then redis.call('HDEL', at, unpack(counter.gone)) end
  if counter.place then redis.call('HINCRBY', at, counter.place, counter.added) end
  if counter.isSame then
    redis.call('HINCRBY', at, counter.to and 'used' or 'sum', counter.added)
  elseif counter.to then
    redis.call('HSET', at, 'interval', counter.over, 'from', counter.from, 'used', counter.used)
    redis.call('PEXPIREAT', at, counter.to)
  else
    redis.call('HSET', at, 'window', counter.over, 'last', counter.last, 'sum', counter.used)
    redis.call('PEXPIREAT', at, (counter.last + counter.span + 1) * counter.width)
  end
end
`;

/** In how many milliseconds the refused cost has room, or else everything is back. */
const RESETS = `
local function roomIn(counter, limit, cost)
  if counter.to then return counter.to - now end
  if cost > limit then return counter.over end
  local counts, left = countsOf(counter), counter.used
  for each = counter.place - counter.span, counter.last do
    left = left - (counts[each] or 0)
    if left + cost <= limit then return (each + counter.span + 1) * counter.width - now end
  end
  return counter.over
end
local function allBackIn(counter)
  if counter.used == 0 then return 0 end
  return (counter.to or (counter.last + counter.span + 1) * counter.width) - now
end
`;

/** The clock of the server that counts: one for all authorizers. */
const SERVER_CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * ARGV per taking: key id, cost, how many limits, how many quotas; then of each: name, limit, and the window in
 * milliseconds or the interval. Answers the time, then per taking the place of the bound that had no room (0:
 * granted), and of each bound what remains and its reset.
 */
export function takeScript(clock = SERVER_CLOCK): Script {
  return script(
    'take',
    `${BEGIN}${clock}${CALENDAR}${COUNTERS}${WRITES}${RESETS}
local answer = { now }
local i = 1
while i <= #ARGV do
  local keyId, cost, limits = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local count = limits + tonumber(ARGV[i + 3])
  i = i + 4
  local own, bounds, refused = {}, {}, 0
  for place = 1, count do
    local kind, limit, over = 'limit', tonumber(ARGV[i + 1]), ARGV[i + 2]
    if place <= limits then over = tonumber(over) else kind = 'quota' end
    own[place], bounds[place] = counterOf(kind, nameOf(kind, keyId, ARGV[i]), limit, over), limit
    if refused == 0 and cost > 0 and own[place].used + cost > limit then refused = place end
    i = i + 3
  end
  answer[#answer + 1] = refused
  for place = 1, count do
    local counter, limit = own[place], bounds[place]
    if refused == 0 and cost > 0 then take(counter, cost) end
    answer[#answer + 1] = math.max(0, limit - counter.used)
    local isFull = refused > 0 and counter.used + cost > limit
    answer[#answer + 1] = isFull and roomIn(counter, limit, cost) or allBackIn(counter)
  end
end
for _, counter in ipairs(order) do
  if counter.isTaken or counter.isAnew then store(counter) end
end
return { head, answer }`,
  );
}

export const LIMIT_SCRIPTS = {
  take: takeScript(),

  /**
   * ARGV per taking: key id, cost, the identity and the time that the taking was answered with, then the counts of
   * limits and quotas and the bounds as above. The units leave the sub-window that they were taken in, if it is there.
   */
  giveBack: script(
    'giveBack',
    `${BEGIN}${CALENDAR}
local function less(at, fields, there, cost)
  local units = math.min(cost, tonumber(there))
  for _, field in ipairs(fields) do redis.call('HINCRBY', at, field, -units) end
end
local i = 1
while i <= #ARGV do
  local keyId, cost, isHere, takenAt = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == identity, tonumber(ARGV[i + 3])
  local limits = tonumber(ARGV[i + 4])
  local count = limits + tonumber(ARGV[i + 5])
  i = i + 6
  for place = 1, isHere and count or 0 do
    local name, over = ARGV[i + 3 * place - 3], ARGV[i + 3 * place - 1]
    if place <= limits then
      local at, taken = nameOf('limit', keyId, name), math.floor(takenAt / geometry(tonumber(over)))
      local stored = redis.call('HMGET', at, 'window', taken)
      if stored[1] == over and stored[2] then less(at, { taken, 'sum' }, stored[2], cost) end
    else
      local at, from = nameOf('quota', keyId, name), calendar(over, takenAt)
      local stored = redis.call('HMGET', at, 'interval', 'from', 'used')
      if stored[1] == over and tonumber(stored[2]) == from then less(at, { 'used' }, stored[3], cost) end
    end
  end
  i = i + 3 * count
end
return { head }`,
  ),
} as const;
