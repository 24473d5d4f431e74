-- A node whose lease is over, and where it has members. KEYS 1 index  2 leases  ARGV 1 most members
-- Answers node and places; nothing when there is no such node. One with no members left is forgotten.
while true do
  local node = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1)[1]
  if not node then return false end
  local from = 'p' .. node
  local places = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. from, '[' .. from .. '\255', 'LIMIT', 0, ARGV[1])
  if #places > 0 then return { node, places } end
  redis.call('ZREM', KEYS[2], node)
end
