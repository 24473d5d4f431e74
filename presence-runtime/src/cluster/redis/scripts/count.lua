-- How many are in a topic. KEYS 1 records  2 users. Answers members and users.
return { redis.call('HLEN', KEYS[1]), redis.call('HLEN', KEYS[2]) }
