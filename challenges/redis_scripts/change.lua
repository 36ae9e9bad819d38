-- Look at an open challenge, and fetch or close it in the same step.
-- KEYS: 1 the challenge (hash: data, state, expires, fetched), 2 the open challenges by expiry.
-- ARGV: 1 'fetch', 'close' or 'expire', 2 now, 3 the challenge's id.
-- Returns {'unknown'}, {'closed'}, {'expired'} or {'ok', data, 1 if this was the first fetch}.
local row = redis.call('HMGET', KEYS[1], 'data', 'state', 'expires')
if not row[1] then return {'unknown'} end
if row[2] == 'expired' then return {'expired'} end
if row[2] ~= 'open' then return {'closed'} end
local over = tonumber(ARGV[2]) >= tonumber(row[3])
if ARGV[1] == 'expire' then
  if not over then return {'unknown'} end
elseif over then
  return {'expired'}
end
if ARGV[1] == 'fetch' then
  return {'ok', row[1], redis.call('HSETNX', KEYS[1], 'fetched', '1')}
end
redis.call('HSET', KEYS[1], 'state', ARGV[1] == 'close' and 'closed' or 'expired')
redis.call('ZREM', KEYS[2], ARGV[3])
return {'ok', row[1], 0}
