-- SPDX-License-Identifier: ISC
-- Each request has the next line of the file that TOKENS names as its header HEADER; errors are counted by status.
local requests, at, failed = {}, 0, 0

function init()
	for value in io.lines(os.getenv("TOKENS")) do
		requests[#requests + 1] = wrk.format("GET", nil, { [os.getenv("HEADER")] = value })
	end
end

function request()
	at = at % #requests + 1
	return requests[at]
end
