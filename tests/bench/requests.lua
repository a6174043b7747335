-- SPDX-License-Identifier: ISC
-- Each request is the next line of the file REQUESTS: method, path, name and value of a header, body, between tabs; ten
-- # of a body become a number that no other has. What was counted is said in one line at the end.
local requests, at, count = {}, 0, 0

function init()
	for line in io.lines(os.getenv("REQUESTS")) do
		local method, path, name, value, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
		local headers = {}
		if name ~= "" then headers[name] = value end
		if body ~= "" then headers["Content-Type"] = "application/json" end
		local text = wrk.format(method, path, headers, body ~= "" and body or nil)
		requests[#requests + 1] = { text = text, marked = body:find("##########", 1, true) }
	end
	count = tonumber(os.getenv("FIRST"))
end

function request()
	at = at % #requests + 1
	local next = requests[at]
	if not next.marked then return next.text end
	count = count + 1
	return (next.text:gsub("##########", string.format("%010d", count)))
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format("RESULT %d %d %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
		latency:percentile(99), latency:percentile(99.9), e.status, e.timeout, e.connect + e.read + e.write))
end
