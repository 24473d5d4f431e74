-- Another node than that of a member has heard what it said.
-- ARGV  3 node  4 session  5 digest  6 user  7 parts
-- Answers a verdict: 0 done.
local node, session, digest, user, said = unpack(ARGV, 3, 7)

local before = redis.call('HGET', records, session)
if before and is_of(before, digest, user) then add(session, before, node, said) end
return 0
