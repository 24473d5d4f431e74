-- A member is present at a node, or has changed.
-- ARGV  3 node  4 session  5 n  6 digest  7 user  8 body  9 ms present  10 ms of fence  11 most members
--       12 stamp
-- Answers a verdict: 0 done, 1 stale, 2 taken, 3 full, 4 unheld.
local node, session, n, digest, user, body = unpack(ARGV, 3, 8)

local lease = redis.call('ZSCORE', leases, node)
if not lease or tonumber(lease) <= now then return 4 end

local before = redis.call('HGET', records, session)
local joined, from
if before then
  if before:sub(41, 72) ~= digest or user_of(before) ~= user then return 2 end
  if late(before, node, n) then return 1 end
  joined = before:sub(17, 24)
else
  local fence = fence_of(session, user)
  if fence then
    local last = fence:sub(18, 25)
    local same = n == last and fence:sub(9, 9) == '1' and fence:sub(10, 17) == node
    if not same and not below(last, n) then return 1 end
  end
  if redis.call('HLEN', records) >= tonumber(ARGV[11]) then return 3 end
  joined = pack(math.max(now - tonumber(ARGV[9]), 0))
end

local said = joined .. node .. n .. digest .. string.char(#user) .. user .. body
redis.call('HSET', records, session, ARGV[12] .. pack(tonumber(ARGV[10])) .. said)
if not before then
  redis.call('HDEL', fences, session)
  redis.call('ZADD', index, 0, place(node, session))
  if redis.call('HINCRBY', users, user, 1) == 1 then
    redis.call('ZADD', index, 0, 'u' .. user .. '\0' .. topic)
  end
  if redis.call('HLEN', records) == 1 then
    redis.call('ZADD', index, 0, 't' .. topic)
    redis.call('PERSIST', meta)
    redis.call('PERSIST', log)
  end
elseif node_of(before) ~= node then
  redis.call('ZREM', index, place(node_of(before), session))
  redis.call('ZADD', index, 0, place(node, session))
  from = node_of(before)
elseif before:sub(74 + #user) == body then
  return 0
end
turn('P' .. session .. said, from)
return 0
