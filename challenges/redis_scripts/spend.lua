-- Take one try from each bucket, or from none.
-- KEYS: buckets (hashes: level, at). ARGV: now in seconds, then burst and refill per second for each.
-- Returns {index of the empty bucket or 0, seconds to wait as text}.
local now = tonumber(ARGV[1])
local levels = {}
for i = 1, #KEYS do
  local burst, rate = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local bucket = redis.call('HMGET', KEYS[i], 'level', 'at')
  local level, at = tonumber(bucket[1]) or burst, tonumber(bucket[2]) or now
  -- A clock that jumped back must not take tries away.
  level = math.min(burst, level + math.max(0, now - at) * rate)
  if level < 1 then
    return {i, tostring((1 - level) / rate)}
  end
  levels[i] = level
end
for i = 1, #KEYS do
  local burst, rate = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  redis.call('HSET', KEYS[i], 'level', tostring(levels[i] - 1), 'at', ARGV[1])
  redis.call('EXPIRE', KEYS[i], math.ceil(burst / rate) + 60)
end
return {0, '0'}
