-- Take the first ready challenge of which this address prefix has seen no photo for an hour.
-- KEYS: 1 what the prefix saw today, 2 what it saw yesterday, 3 this minute's count of the site,
--       4 the last minute's, 5 the reserve, 6.. ready lists, best first.
-- ARGV: 1 now, 2 seconds that a photo stays away at first, 3 entries to look at, 4 photos in a
--       challenge.
-- Returns {'taken', entry}, {'seen', seconds to wait}, {'busy'} or {'empty'}.
local now, held = tonumber(ARGV[1]), tonumber(ARGV[2])
local function seen(group)
  for k = 1, 2 do
    local till = redis.call('ZSCORE', KEYS[k], group)
    if till and tonumber(till) > now then return true end
  end
  return false
end

local depth = 0
for k = 6, #KEYS do depth = depth + redis.call('LLEN', KEYS[k]) end
if depth == 0 then return {'empty'} end
-- The last ready challenges are kept for sites that did not just take a lot.
local taken = tonumber(redis.call('GET', KEYS[3]) or '0') + tonumber(redis.call('GET', KEYS[4]) or '0')
local reserve = tonumber(redis.call('GET', KEYS[5]) or '0')
if depth <= reserve and taken >= math.max(1, math.min(10, reserve / 2)) then return {'busy'} end

for k = 6, #KEYS do
  for _, entry in ipairs(redis.call('LRANGE', KEYS[k], 0, tonumber(ARGV[3]) - 1)) do
    local groups, fresh = cjson.decode(entry)['groups'], true
    for _, group in ipairs(groups) do
      if seen(group) then fresh = false break end
    end
    if fresh then
      redis.call('LREM', KEYS[k], 1, entry)
      for _, group in ipairs(groups) do redis.call('ZADD', KEYS[1], now + held, group) end
      redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
      if redis.call('TTL', KEYS[1]) < held then redis.call('EXPIRE', KEYS[1], held) end
      redis.call('INCR', KEYS[3])
      redis.call('EXPIRE', KEYS[3], 180)
      return {'taken', entry}
    end
  end
end
-- When a challenge's worth of photos is back, if so many are away.
local first = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', tonumber(ARGV[4]) - 1, 1)
local wait = held
if first[2] then wait = tonumber(first[2]) - now end
return {'seen', tostring(wait)}
