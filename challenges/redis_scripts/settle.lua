-- Look at the pictures of an open challenge and pay for them, or close it and settle, or take the
-- close back: each in one step. The rule is that of challenges.budgets.Tokens.
-- KEYS: 1 the challenge (hash: data, state, expires, fetched, paid, gave, filled, cooled), 2 the open
--       challenges by expiry, 3 the prefix's tokens (hash: level, at), 4 the handle's, 5 the
--       prefix's heat (the same).
-- ARGV: 1 'fetch', 'close' or 'reopen', 2 now, 3 the challenge's id, 4 '1' if it costs nothing,
--       5 '1' if the answer is right, 6 a prefix's tokens at first, 7 its most, 8 those that come
--       back each second, 9 the refill, 10 seconds that a handle lives, 11 heat lost each second.
-- Returns {'unknown'}, {'closed'}, {'expired'} or {'ok', data, expiry, what}: to fetch it is 1 if
-- this was the first fetch, to close it is 'pass', 'more' or 'wrong', and then who paid: 'prefix',
-- 'session', 'nobody' or 'free'.
local step, now, id = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local free, right = ARGV[4] == '1', ARGV[5] == '1'
local start, most, back = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local refill, life, leak = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])

-- Returns the level that was written last and for how long it stands, in seconds. A clock that
-- jumped back takes nothing away.
local function read(key)
  local row = redis.call('HMGET', key, 'level', 'at')
  if not row[1] then return nil, 0 end
  return tonumber(row[1]), math.max(0, now - tonumber(row[2]))
end
local function write(key, level, keep)
  redis.call('HSET', key, 'level', tostring(level), 'at', ARGV[2])
  redis.call('EXPIRE', key, math.ceil(keep) + 60)
end
local function prefix()
  local level, since = read(KEYS[3])
  return math.min(most, (level or start) + since * back)
end
local function session()
  local level, since = read(KEYS[4])
  return (level and since < life) and math.min(refill, level) or 0
end
local function heat()
  local level, since = read(KEYS[5])
  return math.max(0, (level or 0) - since * leak)
end
-- A full bucket need not be kept, unless it begins with less; a day is as long as a hash counts.
local function set_prefix(level) write(KEYS[3], math.max(0, math.min(most, level)), 86400) end
local function set_session(level) write(KEYS[4], math.max(0, math.min(refill, level)), life) end
local function set_heat(level) write(KEYS[5], math.max(0, level), math.max(0, level) / leak) end

-- The first look takes a token: of the prefix, or else of the handle.
local function pay()
  local payer = 'nobody'
  if free then
    payer = 'free'
  elseif prefix() >= 1 then
    payer = 'prefix'
    set_prefix(prefix() - 1)
  elseif session() >= 1 then
    payer = 'session'
    set_session(session() - 1)
  end
  if not free then set_heat(heat() + 1) end
  redis.call('HSET', KEYS[1], 'fetched', '1', 'paid', payer)
  return payer
end

local row = redis.call('HMGET', KEYS[1], 'data', 'state', 'expires', 'fetched', 'paid')
if not row[1] then return {'unknown'} end

if step == 'reopen' then
  if row[2] ~= 'closed' then return {'closed'} end
  redis.call('HSET', KEYS[1], 'state', 'open')
  redis.call('ZADD', KEYS[2], row[3], id)
  local was = redis.call('HMGET', KEYS[1], 'gave', 'filled', 'cooled')
  if tonumber(was[1] or 0) ~= 0 then set_prefix(prefix() - tonumber(was[1])) end
  if tonumber(was[2] or 0) ~= 0 then set_session(session() - tonumber(was[2])) end
  if tonumber(was[3] or 0) ~= 0 then set_heat(heat() + tonumber(was[3])) end
  redis.call('HDEL', KEYS[1], 'gave', 'filled', 'cooled')
  return {'ok', row[1], row[3], '', ''}
end

if row[2] == 'expired' then return {'expired'} end
if row[2] ~= 'open' then return {'closed'} end
if now >= tonumber(row[3]) then return {'expired'} end

if step == 'fetch' then
  if row[4] then return {'ok', row[1], row[3], '0', row[5] or ''} end
  return {'ok', row[1], row[3], '1', pay()}
end

-- What was answered without a look was looked at now.
local payer = row[5] or pay()
redis.call('HSET', KEYS[1], 'state', 'closed')
redis.call('ZREM', KEYS[2], id)
if not right then return {'ok', row[1], row[3], 'wrong', payer} end
if free then return {'ok', row[1], row[3], 'pass', payer} end
local gave, filled, cooled = 0, 0, math.min(1, heat())
if payer == 'prefix' then
  local had = prefix()
  gave = math.min(most, math.max(had + 1, refill)) - had
  set_prefix(had + gave)
else
  filled = refill - session()
  set_session(refill)
end
set_heat(heat() - cooled)
redis.call('HSET', KEYS[1], 'gave', tostring(gave), 'filled', tostring(filled),
  'cooled', tostring(cooled))
return {'ok', row[1], row[3], payer == 'nobody' and 'more' or 'pass', payer}
