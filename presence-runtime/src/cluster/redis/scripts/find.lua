-- What is known of a session.
-- ARGV  3 session
-- Answers the time, and its record and its fence if there are.
local fence = redis.call('HGET', fences, ARGV[3])
if fence and number(fence, 1) <= now then fence = false end
return { now, redis.call('HGET', records, ARGV[3]), fence }
