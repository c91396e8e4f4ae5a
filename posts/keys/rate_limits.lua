-- Adds units to every bucket, or to none of them.
-- KEYS: a sorted set per bucket. Each unit is a member; its score is the time in microseconds.
-- ARGV[1]: JSON, one per key: {"cost": units, "windows": [[limit, microseconds], ...]}
-- ARGV[2]: a string that no other call uses.
-- Returns taken (0 or 1), now, and for each window: how many units it holds, how many of them must
-- leave before the call is allowed, and when the last of these (or else the next unit) leaves.

local clock = redis.call("TIME")
local now = clock[1] * 1000000 + clock[2]
local buckets = cjson.decode(ARGV[1])

local function exact(number)
  return string.format("%.0f", number)
end

local function since(window)
  return "(" .. exact(now - window[2])
end

local function held(i, window)
  return redis.call("ZCOUNT", KEYS[i], since(window), "+inf")
end

-- A call that costs more than a whole window waits until the window is empty.
local function excess(i, bucket, window)
  if bucket.cost == 0 then
    return 0
  end
  local wanted = math.min(bucket.cost, window[1])
  return math.max(0, held(i, window) + wanted - window[1])
end

local function take(i, bucket)
  local longest = 0
  for _, window in ipairs(bucket.windows) do
    longest = math.max(longest, window[2])
  end
  redis.call("ZREMRANGEBYSCORE", KEYS[i], "-inf", exact(now - longest))
  for unit = 1, bucket.cost do
    redis.call("ZADD", KEYS[i], exact(now), ARGV[2] .. unit)
  end
  redis.call("PEXPIRE", KEYS[i], exact(longest / 1000))
end

local function leaves_at(i, window, rank)
  local found = redis.call(
    "ZRANGEBYSCORE", KEYS[i], since(window), "+inf", "WITHSCORES", "LIMIT", rank, 1
  )
  return found[2] and found[2] + window[2] or now
end

local taken, excesses = 1, {}
for i, bucket in ipairs(buckets) do
  for _, window in ipairs(bucket.windows) do
    local count = excess(i, bucket, window)
    table.insert(excesses, count)
    if count > 0 then
      taken = 0
    end
  end
end

if taken == 1 then
  for i, bucket in ipairs(buckets) do
    if bucket.cost > 0 then
      take(i, bucket)
    end
  end
end

local answer, number = { taken, now }, 0
for i, bucket in ipairs(buckets) do
  for _, window in ipairs(bucket.windows) do
    number = number + 1
    table.insert(answer, held(i, window))
    table.insert(answer, excesses[number])
    table.insert(answer, leaves_at(i, window, math.max(excesses[number] - 1, 0)))
  end
end
return answer
