-- A node lives. KEYS 1 leases  ARGV 1 node  2 ms. Answers 1 if it had a lease.
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
if before and tonumber(before) > now then return 1 end
return 0
