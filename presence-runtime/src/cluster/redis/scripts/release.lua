-- A node goes. KEYS 1 leases  ARGV 1 node  2 ms until what it left behind is removed.
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
if before and tonumber(before) > now then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
end
return 0
