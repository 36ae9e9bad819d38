-- What a visitor has at a site: their address prefix's tokens and heat, and their handle's tokens.
-- The prefix's hash changes at midnight, so what it had under yesterday's goes over to today's.
-- KEYS: 1 its tokens today (hash: level, at), 2 yesterday, 3 its heat today, 4 yesterday, 5 the
--       handle's tokens.
-- ARGV: 1 now, 2 tokens at first, 3 most tokens, 4 tokens back each second, 5 heat lost each second,
--       6 seconds that a handle lives.
-- Returns {tokens, heat, the handle's tokens} as text.
local now = tonumber(ARGV[1])
-- No challenge of before midnight is open for so long.
local HOUR, DAY = 3600, 86400
local function write(key, level, at, keep)
  redis.call('HSET', key, 'level', level, 'at', at)
  redis.call('EXPIRE', key, keep)
end
-- Challenges of before midnight still pay with yesterday's, which must not count twice: once
-- today's has a row, it is empty, and nothing comes back to it. Without `first` nothing needs a row.
local function carry(today, yesterday, first)
  if redis.call('EXISTS', today) == 1 then return end
  local row = redis.call('HMGET', yesterday, 'level', 'at')
  if row[1] then
    write(today, row[1], row[2], math.max(HOUR, redis.call('TTL', yesterday)))
  elseif first then
    write(today, first, ARGV[1], HOUR)
  else
    return
  end
  write(yesterday, '0', tostring(now + DAY), HOUR)
end
local function level(key, first, each)
  local row = redis.call('HMGET', key, 'level', 'at')
  if not row[1] then return first end
  return tonumber(row[1]) + math.max(0, now - tonumber(row[2])) * each
end
local function handle()
  local row = redis.call('HMGET', KEYS[5], 'level', 'at')
  return row[1] and now - tonumber(row[2]) < tonumber(ARGV[6]) and row[1] or '0'
end
carry(KEYS[1], KEYS[2], ARGV[2])
carry(KEYS[3], KEYS[4])
local tokens = math.min(tonumber(ARGV[3]), level(KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[4])))
local heat = math.max(0, level(KEYS[3], 0, -tonumber(ARGV[5])))
return {tostring(tokens), tostring(heat), handle()}
