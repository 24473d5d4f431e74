-- What was ordered after a place. KEYS 1 orders
-- ARGV  1 epoch and  2 sequence of the place; of one that is unknown, everything is answered  3 most
-- Answers the epoch and the orders: each its sequence, how long ago it was in ms, and what.
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last then return { '', {} } end
local epoch, from = last[2][2], '-'
if epoch == ARGV[1] and tonumber(last[1]:match('^%d+')) >= tonumber(ARGV[2]) then
  from = '(' .. ARGV[2] .. '-0'
end
local orders = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', ARGV[3])
for i, order in ipairs(orders) do
  orders[i] = { tonumber(order[1]:match('^%d+')), math.max(now - tonumber(order[2][4]), 0), order[2][6] }
end
return { epoch, orders }
