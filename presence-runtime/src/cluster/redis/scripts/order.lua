-- All nodes have to do something. KEYS 1 orders: STREAM <sequence>-0, e -> epoch, t -> ms, w -> what
-- ARGV  1 an epoch, should one begin here  2 ms since it was ordered  3 what  4 channel
--       5 ms for which it is remembered  6 most that are
local epoch, sequence, keep = ARGV[1], 0, tonumber(ARGV[5])
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then epoch, sequence = last[2][2], tonumber(last[1]:match('^%d+')) end
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[6], string.format('%.0f-0', sequence + 1),
  'e', epoch, 't', string.format('%.0f', now - tonumber(ARGV[2])), 'w', ARGV[3])
for _, order in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 16)) do
  if now - tonumber(order[2][4]) <= keep then break end
  redis.call('XDEL', KEYS[1], order[1])
end
redis.call('PEXPIRE', KEYS[1], keep)
redis.call('PUBLISH', ARGV[4], '')
return 0
