-- SPDX-License-Identifier: ISC
-- For wrk: says how many requests failed, by a status that is none of success, an error of the network or a time-out.
function done(summary)
	local e = summary.errors
	io.write(("failed: %d of %d\n"):format(e.connect + e.read + e.write + e.status + e.timeout, summary.requests))
end
