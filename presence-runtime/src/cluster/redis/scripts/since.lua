-- What was logged after a place.
-- ARGV  3 epoch  4 sequence
-- Answers the time and the turns; nothing when they are not all known.
local at = redis.call('HMGET', meta, 'e', 'q')
if at[1] ~= ARGV[3] then return false end
local turns = {}
for i, entry in ipairs(redis.call('XRANGE', log, '(' .. ARGV[4] .. '-0', '+')) do
  turns[i] = entry[2][2]
end
if tonumber(at[2]) - tonumber(ARGV[4]) ~= #turns then return false end
return { now, turns }
