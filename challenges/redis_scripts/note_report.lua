-- Note which picture of a challenge is reported. The first one stays.
-- KEYS: 1 the challenge (hash). ARGV: 1 the picture.
-- Returns {the picture that was noted first}, or {-1} when the challenge is gone: nothing is
-- written then, for a stump of it would stay for ever.
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1} end
redis.call('HSETNX', KEYS[1], 'reported', ARGV[1])
return {redis.call('HGET', KEYS[1], 'reported')}
