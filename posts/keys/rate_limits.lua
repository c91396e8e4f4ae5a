-- Adds units to every bucket, or to none of them.
-- KEYS: a sorted set per bucket. Each unit is a member; its score is the time in microseconds.
-- ARGV[1]: a string that no other call uses. Then for each key numbers in one string: units to add,
-- how many seconds ago, and limit and seconds of each window, which are all longer than that.
-- Returns numbers in one string: now, and for each window how many units it holds, how many of them
-- must leave before the call is allowed, and when the last of these (or else the next unit) leaves.

local clock = redis.call("TIME")
local now = clock[1] * 1000000 + clock[2]

local function exact(number)
  return string.format("%.0f", number)
end

-- Each window as it is before the call, and the longest of each bucket.
local windows, costs, ages, longest, is_taken = {}, {}, {}, {}, true
for i, key in ipairs(KEYS) do
  local numbers = string.gmatch(ARGV[i + 1], "%d+")
  local cost = tonumber(numbers())
  costs[i], ages[i], longest[i] = cost, tonumber(numbers()) * 1000000, 0
  for limit in numbers do
    limit = tonumber(limit)
    local length = tonumber(numbers()) * 1000000
    local since = "(" .. exact(now - length)
    local held, excess = redis.call("ZCOUNT", key, since, "+inf"), 0
    if cost > 0 then
      -- A call that costs more than a whole window waits until the window is empty.
      excess = math.max(0, held + math.min(cost, limit) - limit)
    end
    is_taken = is_taken and excess == 0
    longest[i] = math.max(longest[i], length)
    table.insert(windows, { i = i, length = length, since = since, held = held, excess = excess })
  end
end

local function take(key, cost, age, length)
  redis.call("ZREMRANGEBYSCORE", key, "-inf", exact(now - length))
  local at = exact(now - age)
  for unit = 1, cost do
    redis.call("ZADD", key, at, ARGV[1] .. unit)
  end
  redis.call("PEXPIRE", key, exact(length / 1000))
end

if is_taken then
  for i, key in ipairs(KEYS) do
    if costs[i] > 0 then
      take(key, costs[i], ages[i], longest[i])
    end
  end
end

local function leaves_at(window)
  local found = redis.call(
    "ZRANGEBYSCORE", KEYS[window.i], window.since, "+inf", "WITHSCORES",
    "LIMIT", math.max(window.excess - 1, 0), 1
  )
  return found[2] and found[2] + window.length or now
end

local answer = { exact(now) }
for _, window in ipairs(windows) do
  local held = is_taken and window.held + costs[window.i] or window.held
  table.insert(answer, exact(held))
  table.insert(answer, exact(window.excess))
  table.insert(answer, exact(leaves_at(window)))
end
return table.concat(answer, " ")
