-- SPDX-License-Identifier: ISC
-- Each request bears the next token of the file that TOKENS names; errors are counted by status.
local requests, at, failed = {}, 0, 0

function init()
	for token in io.lines(os.getenv("TOKENS")) do
		requests[#requests + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. token })
	end
end

function request()
	at = at % #requests + 1
	return requests[at]
end
