-- Look at an open challenge, and extend it, or close it because it ran out, in the same step.
-- KEYS: 1 the challenge (hash: data, state, expires, fetched, extended), 2 the open challenges by
--       expiry.
-- ARGV: 1 'extend' or 'expire', 2 now, 3 the challenge's id; to extend it also
--       4 seconds more, 5 seconds that it is kept after its end.
-- Returns {'unknown'}, {'closed'}, {'expired'}, {'extended'} (before) or {'ok', data, expiry, '1' if
-- its pictures were fetched}.
local row = redis.call('HMGET', KEYS[1], 'data', 'state', 'expires', 'fetched')
if not row[1] then return {'unknown'} end
if row[2] == 'expired' then return {'expired'} end
if row[2] ~= 'open' then return {'closed'} end
local over = tonumber(ARGV[2]) >= tonumber(row[3])
if ARGV[1] == 'expire' then
  if not over then return {'unknown'} end
elseif over then
  return {'expired'}
end
if ARGV[1] == 'extend' then
  -- Nobody needs time for what was not looked at; it would only keep a ready challenge away.
  if not row[4] then return {'unknown'} end
  if redis.call('HSETNX', KEYS[1], 'extended', '1') == 0 then return {'extended'} end
  local ends = string.format('%.6f', tonumber(row[3]) + tonumber(ARGV[4]))
  redis.call('HSET', KEYS[1], 'expires', ends)
  redis.call('ZADD', KEYS[2], ends, ARGV[3])
  -- From now, not until then: a simulation lives on another day than Redis.
  redis.call('EXPIRE', KEYS[1], math.floor(tonumber(ends) - tonumber(ARGV[2])) + tonumber(ARGV[5]))
  return {'ok', row[1], ends, '1'}
end
redis.call('HSET', KEYS[1], 'state', 'expired')
redis.call('ZREM', KEYS[2], ARGV[3])
return {'ok', row[1], row[3], row[4] and '1' or '0'}
