-- Take a place in the queue of photos, unless all are taken.
-- KEYS: 1 the places (tickets by when their time is over). ARGV: 1 now, 2 end, 3 depth, 4 ticket.
-- A place that nobody gave back is free again when its time is over. Returns 1 or 0.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4])
redis.call('EXPIRE', KEYS[1], 60)
return 1
