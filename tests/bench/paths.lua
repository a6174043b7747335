-- SPDX-License-Identifier: ISC
-- Each request is for the next path of the file that PATHS names; errors are counted by status.
local requests, at = {}, 0

function init()
	for path in io.lines(os.getenv("PATHS")) do
		requests[#requests + 1] = wrk.format("GET", path)
	end
end

function request()
	at = at % #requests + 1
	return requests[at]
end
