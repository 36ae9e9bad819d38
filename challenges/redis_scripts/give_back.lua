-- Give one try back to each bucket that is known, at most up to its burst.
-- KEYS: buckets (hashes: level, at). ARGV: the burst of each.
for i = 1, #KEYS do
  local level = tonumber(redis.call('HGET', KEYS[i], 'level'))
  if level then
    redis.call('HSET', KEYS[i], 'level', tostring(math.min(tonumber(ARGV[i]), level + 1)))
  end
end
return {}
