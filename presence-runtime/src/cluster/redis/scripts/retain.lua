-- Removes all members of a topic at a node but these.
-- ARGV  3 node  4 stamp: what was written later than that stays  5... sessions
-- Answers a verdict: 0 done.
local node, stamp = ARGV[3], ARGV[4]
local present = {}
for i = 5, #ARGV do present[ARGV[i]] = true end

local from = place(node, '')
for _, at in ipairs(redis.call('ZRANGEBYLEX', index, '[' .. from, '[' .. from .. '\255')) do
  local session = at:sub(#from + 1)
  local record = redis.call('HGET', records, session)
  if not record or node_of(record) ~= node then
    redis.call('ZREM', index, at)
  elseif not present[session] and below(record:sub(1, 8), stamp) then
    bury(session, record)
  end
end
return 0
