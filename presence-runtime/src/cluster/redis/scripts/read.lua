-- Everybody in a topic, and where its log is.
-- Answers epoch, sequence, time, and sessions with their records.
local begun = epoch()
local everybody = redis.call('HGETALL', records)
if #everybody == 0 then expire(0) end
return { begun, tonumber(redis.call('HGET', meta, 'q')), now, everybody }
