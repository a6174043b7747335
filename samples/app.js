// SPDX-License-Identifier: ISC
const http = require("node:http");

http.createServer((request, response) => {
	response.end(`Hello ${request.headers["remote-user"]}\n`);
}).listen(process.env.PORT, "127.0.0.1");
