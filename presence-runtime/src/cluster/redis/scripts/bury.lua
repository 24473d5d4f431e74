-- Removes members of a dead node from a topic.
-- ARGV  3 node  4... sessions
-- Answers how many were removed; none if the node lives.
local node = ARGV[3]
local lease = redis.call('ZSCORE', leases, node)
if lease and tonumber(lease) > now then return 0 end

local removed = 0
for i = 4, #ARGV do
  local record = redis.call('HGET', records, ARGV[i])
  if record and node_of(record) == node then
    bury(ARGV[i], record)
    removed = removed + 1
  else
    redis.call('ZREM', index, place(node, ARGV[i]))
  end
end
return removed
