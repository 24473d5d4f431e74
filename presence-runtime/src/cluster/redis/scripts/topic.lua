-- What the scripts of a topic begin with.
--
-- KEYS    1 records: HASH session -> record       2 meta: HASH e -> epoch, q -> sequence
--         3 log: STREAM <sequence>-0, t -> turn   4 fences: HASH session -> fence
--         5 users: HASH user -> sessions          6 index of the shard: ZSET, all scores 0
--         7 leases of the shard: ZSET node -> end
-- ARGV    1 topic   2 an epoch, should one begin here
--
-- record  stamp 8, fence 8, joined 8, node 8, n 8, digest 32, length of user 1, user, state 1, parts
-- parts   each n 8, length 4, body
-- fence   until 8, whether its node's word still counts 1, node 8, n 8, reason 1, user
-- turn    P, session 16, the record from `joined` on; N the same, where another node wrote some of it
--         G, session 16, node 8, n 8, reason 1, user
-- index   p node topic \0 session, t topic, u user \0 topic: exact, because nothing there has a \0 in it
--
-- What another node does to a member is published for its node, too, on a channel of its own: the length of the
-- topic in 2 bytes, the topic, the time, the turn.
--
-- Numbers are 8 bytes, the greatest first: Lua counts to 2^53 only. What is published of a topic has the
-- name of its records for a channel, and begins with epoch, sequence and time.
local records, meta, log, fences, users, index, leases = unpack(KEYS)
local topic = ARGV[1]
local TURNS, EMPTY, FENCES = 128, 300000, 16384

local function pack(number)
  return struct.pack('>I8', number)
end

local function number(bytes, from)
  return (struct.unpack('>I8', bytes, from))
end

local function below(a, b)
  local a_high, a_low = struct.unpack('>I4I4', a)
  local b_high, b_low = struct.unpack('>I4I4', b)
  return a_high < b_high or a_high == b_high and a_low < b_low
end

local function place(node, session)
  return 'p' .. node .. topic .. '\0' .. session
end

local function node_of(record)
  return record:sub(25, 32)
end

local function user_of(record)
  return record:sub(74, 73 + record:byte(73))
end

local function is_of(record, digest, user)
  return record:sub(41, 72) == digest and user_of(record) == user
end

-- How a record begins, up to its state, and its parts.
local function halves(record)
  local state = 74 + record:byte(73)
  return record:sub(1, state), record:sub(state + 1)
end

-- The parts that are kept with what is newer of those that are said, and with what is as new where the node says
-- it that has the member; whether that differs from what was kept, and from what was said.
local function merge(kept, said, is_there)
  if kept == said then return kept, false, false end
  local parts, new, old = {}, false, false
  local i, j = 1, 1
  while i <= #kept do
    local a_high, a_low, a_size = struct.unpack('>I4I4I4', kept, i)
    local b_high, b_low, b_size = struct.unpack('>I4I4I4', said, j)
    local part, other = kept:sub(i, i + 11 + a_size), said:sub(j, j + 11 + b_size)
    if part ~= other then
      local differs = part:sub(13) ~= other:sub(13)
      local same = a_high == b_high and a_low == b_low
      if a_high < b_high or a_high == b_high and a_low < b_low or same and is_there then
        part, new = other, new or differs
      else
        old = old or differs
      end
    end
    parts[#parts + 1] = part
    i, j = i + 12 + a_size, j + 12 + b_size
  end
  return table.concat(parts), new, old
end

-- Whether a node's word of a session with this `n` comes too late for the record.
local function late(record, node, n)
  local last = record:sub(33, 40)
  return below(n, last) or n == last and node_of(record) ~= node
end

-- The fence of a session, unless it is over or another user's.
local function fence_of(session, user)
  local fence = redis.call('HGET', fences, session)
  if fence and number(fence, 1) > now and fence:sub(27) == user then return fence end
end

-- Remembers the last `n` of a session, and forgets more of what is over than it adds.
local function remember(session, ms, kept, node, n, reason, user)
  redis.call('HSET', fences, session, pack(now + ms) .. kept .. node .. n .. reason .. user)
  if redis.call('PTTL', fences) < ms then redis.call('PEXPIRE', fences, ms) end
  local some = redis.call('HRANDFIELD', fences, 4, 'WITHVALUES')
  for i = 1, #some, 2 do
    if number(some[i + 1], 1) <= now then redis.call('HDEL', fences, some[i]) end
  end
  if redis.call('HLEN', fences) > FENCES then redis.call('HDEL', fences, some[1]) end
end

-- The epoch of the log. What is left of an older log is no part of a new one.
local function epoch()
  local known = redis.call('HGET', meta, 'e')
  if known then return known end
  redis.call('DEL', log)
  redis.call('HSET', meta, 'e', ARGV[2], 'q', 0)
  return ARGV[2]
end

-- Logs a turn, and tells the node as well that had the member until now.
local function turn(bytes, from)
  local begun = epoch()
  local sequence = redis.call('HINCRBY', meta, 'q', 1)
  redis.call('XADD', log, 'MAXLEN', '~', TURNS, string.format('%.0f-0', sequence), 't', bytes)
  redis.call('PUBLISH', records, begun .. pack(sequence) .. pack(now) .. bytes)
  if from then
    redis.call('PUBLISH', index:match('^{(.*):') .. '.node.' .. from, struct.pack('>I2', #topic) .. topic .. pack(now) .. bytes)
  end
end

-- Keeps what is newer of what a node says of a member that may be at another.
local function add(session, before, node, said)
  local begin, kept = halves(before)
  local parts, differs = merge(kept, said, false)
  if parts == kept then return end
  local record = begin .. parts
  redis.call('HSET', records, session, record)
  local at = node_of(record)
  if differs then turn('N' .. session .. record:sub(17), at ~= node and at) end
end

-- A topic that nobody is in keeps its log for a while.
local function expire(ms)
  redis.call('PEXPIRE', meta, math.max(EMPTY, ms))
  redis.call('PEXPIRE', log, math.max(EMPTY, ms))
end

local function remove(session, record, n, reason, kept, ms, by)
  local node, user = node_of(record), user_of(record)
  redis.call('HDEL', records, session)
  redis.call('ZREM', index, place(node, session))
  if redis.call('HINCRBY', users, user, -1) <= 0 then
    redis.call('HDEL', users, user)
    redis.call('ZREM', index, 'u' .. user .. '\0' .. topic)
  end
  remember(session, ms, kept, node, n, reason, user)
  turn('G' .. session .. node .. n .. reason .. user, by and by ~= node and node)
  if redis.call('EXISTS', records) == 0 then
    redis.call('ZREM', index, 't' .. topic)
    expire(ms)
  end
end

-- Removes who is at a node that is dead or does not know of it; what the node said last still counts.
local function bury(session, record)
  remove(session, record, record:sub(33, 40), 'd', '1', number(record, 9))
end
