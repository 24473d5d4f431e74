-- A member left.
-- ARGV  3 node  4 session  5 n  6 user  7 reason, l if it said so  8 ms of fence
-- Answers a verdict: 0 done, 1 stale, 2 taken.
local node, session, n, user, reason, ms = unpack(ARGV, 3, 8)
ms = tonumber(ms)

local before = redis.call('HGET', records, session)
if not before then
  if reason ~= 'l' then return 0 end
  local fence = fence_of(session, user)
  if fence and below(n, fence:sub(18, 25)) then return 1 end
  remember(session, ms, '0', node, n, reason, user)
  return 0
end
if user_of(before) ~= user then return 2 end
if reason ~= 'l' and node_of(before) ~= node then return 0 end
if late(before, node, n) then return 1 end
remove(session, before, n, reason, '0', ms, node)
return 0
