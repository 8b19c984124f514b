-- The mix of bench/serving/requests.ts for wrk: lists of ten for random users, and events of theirs.
-- Arguments: seed, users, items, share of events. One thread; prints one line of JSON.

local headers = { ["content-type"] = "application/json" }
local users, items, share
lists, events = 0, 0

function setup(thread)
  only = thread
end

function init(arguments)
  math.randomseed(tonumber(arguments[1]))
  users, items = tonumber(arguments[2]), tonumber(arguments[3])
  share = tonumber(arguments[4])
end

function request()
  local user = math.random(0, users - 1)
  if math.random() < share then
    events = events + 1
    local event = '{"events":[{"user":"%d","item":"%d"}]}'
    return wrk.format("POST", "/v1/events", headers, event:format(user, math.random(0, items - 1)))
  end
  lists = lists + 1
  return wrk.format("POST", "/v1/recommendations", headers, ('{"user":"%d","k":10}'):format(user))
end

function done(summary, latency)
  local errors = summary.errors
  print(('{"requests":%d,"lists":%d,"events":%d,"microseconds":%d,"p50":%d,"p99":%d,"most":%d,"non2xx":%d,"errors":%d}'):format(
    summary.requests, only:get("lists"), only:get("events"), summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
