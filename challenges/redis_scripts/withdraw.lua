-- Close an open challenge because one of its pictures is gone: whoever answers it now is told that
-- its time is up, and gets new pictures.
-- KEYS: 1 the challenge (hash), 2 the open challenges by expiry. ARGV: 1 now, 2 the challenge's id.
-- Returns -1 when it is not open any more (an answer was faster), else 1 if its pictures were
-- fetched and 0 if not. It stays among the open ones, as overdue, for the sweeper to file.
if redis.call('HGET', KEYS[1], 'state') ~= 'open' then return -1 end
redis.call('HSET', KEYS[1], 'state', 'expired')
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
return redis.call('HEXISTS', KEYS[1], 'fetched')
