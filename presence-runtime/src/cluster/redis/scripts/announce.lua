-- A member is present at a node, or has changed.
-- ARGV  3 node  4 session  5 n  6 digest  7 user  8 state  9 parts  10 ms present  11 ms of fence
--       12 most members  13 stamp
-- Answers a verdict: 0 done, 1 stale, 2 taken, 3 full, 4 unheld, 5 newer.
local node, session, n, digest, user, state, parts = unpack(ARGV, 3, 9)

local lease = redis.call('ZSCORE', leases, node)
if not lease or tonumber(lease) <= now then return 4 end

local before = redis.call('HGET', records, session)
local joined, from, changed, newer
if before then
  if not is_of(before, digest, user) then return 2 end
  if late(before, node, n) then
    add(session, before, node, parts)
    return 1
  end
  joined = before:sub(17, 24)
  local begin, kept = halves(before)
  parts, changed, newer = merge(kept, parts, true)
  changed = changed or begin:sub(-1) ~= state
else
  local fence = fence_of(session, user)
  if fence then
    local last = fence:sub(18, 25)
    local same = n == last and fence:sub(9, 9) == '1' and fence:sub(10, 17) == node
    if not same and not below(last, n) then return 1 end
  end
  if redis.call('HLEN', records) >= tonumber(ARGV[12]) then return 3 end
  joined = pack(math.max(now - tonumber(ARGV[10]), 0))
end

local said = joined .. node .. n .. digest .. string.char(#user) .. user .. state .. parts
redis.call('HSET', records, session, ARGV[13] .. pack(tonumber(ARGV[11])) .. said)
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
elseif not changed then
  return newer and 5 or 0
end
turn((newer and 'N' or 'P') .. session .. said, from)
return newer and 5 or 0
