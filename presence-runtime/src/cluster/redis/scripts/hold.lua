-- A node lives. KEYS 1 leases  ARGV 1 node  2 ms. Answers 1 if it had a lease,
-- and 2 more if there are others whose lease is over.
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
local held = 0
if before and tonumber(before) > now then held = 1 end
if redis.call('ZCOUNT', KEYS[1], '-inf', now) > 0 then held = held + 2 end
return held
