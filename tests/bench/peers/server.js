// SPDX-License-Identifier: ISC
// The Node peer of make bench, on Postern's tables: http, cluster and mysql, no framework. There is no bcrypt among
// Debian's packages of Node, so nobody can log in here.
"use strict";
const cluster = require("node:cluster");
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const busboy = require("busboy");
const mysql = require("mysql");

const settings = JSON.parse(fs.readFileSync(process.env.BENCH_SETTINGS));
const key = { key: crypto.createPublicKey(settings.public), dsaEncoding: "ieee-p1363" };
const pool = mysql.createPool({
	socketPath: settings.socket, user: settings.user, password: settings.password, database: "postern", charset: "utf8mb4",
	connectionLimit: 4, dateStrings: true,
});
pool.on("connection", (c) => c.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));

class Refusal extends Error {
	constructor(status, name, text) {
		super(text);
		this.status = status;
		this.body = { errors: { [name]: [text] } };
	}
}

const on = (connection, sql, values) => new Promise((done, fail) =>
	connection.query(sql, values, (error, rows) => error ? fail(error) : done(rows)));
const query = (sql, values) => on(pool, sql, values);
const connect = () => new Promise((done, fail) => pool.getConnection((error, c) => error ? fail(error) : done(c)));

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

// The claims of the token that came.
function claims(request) {
	const [, token] = /^(?:Bearer|Token) (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
	if (!token) throw new Refusal(401, "token", "is missing");
	const [head, payload, signature = ""] = token.split(".");
	const good = parse(Buffer.from(head, "base64url"))?.alg === "ES256"
		&& crypto.verify("sha256", Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, "base64url"));
	const found = good && parse(Buffer.from(payload, "base64url"));
	const now = Date.now() / 1000;
	if (!found || found.iss !== settings.url || found.type !== "access" || found.nbf > now || found.exp <= now) {
		throw new Refusal(401, "token", "is invalid");
	}
	return { ...found, token };
}

const ARTICLE = `SELECT a.slug, a.title, a.description, a.tag_lines, a.created_at, a.updated_at, a.favorites_count,
	f.user_id AS favorited, u.username, u.bio, u.image, w.follower_id AS following`;
const FROM = ` FROM articles a STRAIGHT_JOIN users u ON u.id = a.author_id
	LEFT JOIN favorites f ON f.user_id = ? AND f.article_created_at = a.created_at AND f.article_id = a.id
	LEFT JOIN follows w ON w.follower_id = ? AND w.followed_id = u.id`;
const COUNT = ", (SELECT n FROM totals WHERE name = 'articles') AS n";

const stamp = (date) => date.replace(" ", "T") + "Z";
const lines = (text) => text === "" ? [] : text.split("\n");

const article = (row) => ({
	slug: row.slug, title: row.title, description: row.description, tagList: lines(row.tag_lines),
	createdAt: stamp(row.created_at), updatedAt: stamp(row.updated_at), favorited: row.favorited !== null,
	favoritesCount: row.favorites_count,
	author: { username: row.username, bio: row.bio, image: row.image, following: row.following !== null },
	body: row.body,
});

const newest = (limit) => query(`${ARTICLE}${COUNT}${FROM} ORDER BY a.created_at DESC, a.id DESC LIMIT ?`, [0, 0, limit]);

async function articleOf(connection, slug, me) {
	const [row] = await on(connection,
		`${ARTICLE}, b.body${FROM} JOIN article_bodies b ON b.article_id = a.id WHERE a.slug = ?`, [me, me, slug]);
	if (!row) throw new Refusal(404, "article", "not found");
	return { article: article(row) };
}

async function showArticles(request, url) {
	const rows = await newest(Number(url.searchParams.get("limit") ?? 20));
	return { articles: rows.map(article), articlesCount: rows[0]?.n ?? 0 };
}

async function showUser(request) {
	const { sub, token } = claims(request);
	const [user] = await query(`SELECT a.email, u.username, u.bio, u.image FROM users u JOIN addresses a ON a.user_id = u.id
		WHERE u.id = ? AND NOT u.locked`, [Number(sub)]);
	if (!user) throw new Refusal(401, "token", "has been revoked");
	return { user: { ...user, token } };
}

async function bodyOf(request) {
	const pieces = [];
	for await (const piece of request) pieces.push(piece);
	return parse(Buffer.concat(pieces));
}

async function addTags(c, id, tags) {
	const now = mysql.raw("UTC_TIMESTAMP(3)");
	await on(c, `INSERT INTO tags (name, articles_count, used_at) VALUES ?
		ON DUPLICATE KEY UPDATE articles_count = articles_count + 1, used_at = VALUES(used_at)`, [tags.map((t) => [t, 1, now])]);
	await on(c, `INSERT INTO article_tags (tag_id, article_created_at, article_id) SELECT t.id, a.created_at, a.id
		FROM tags t JOIN articles a ON a.id = ? WHERE t.name IN (?)`, [id, tags]);
}

const escaped = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const h = (text) => String(text).replace(/[&<>"']/g, (c) => escaped[c]);

async function write(c, me, sent) {
	const tags = [...new Set(sent.tagList ?? [])].sort();
	const slug = sent.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
	await on(c, "START TRANSACTION");
	const { insertId: id } = await on(c, `INSERT INTO articles (slug, author_id, title, description, tag_lines, created_at,
		updated_at) VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
		[slug, me, sent.title, sent.description, tags.join("\n")]);
	await on(c, "INSERT INTO article_bodies (article_id, body, html, renderer) VALUES (?, ?, ?, 'none')",
		[id, sent.body, `<p>${h(sent.body)}</p>\n`]);
	if (tags.length) await addTags(c, id, tags);
	await on(c, `INSERT INTO writers (user_id, articles_count, last_at, last_id) SELECT author_id, 1, created_at, id
		FROM articles WHERE id = ? ON DUPLICATE KEY UPDATE articles_count = articles_count + 1, last_at = VALUES(last_at),
		last_id = VALUES(last_id)`, [id]);
	await on(c, "UPDATE totals SET n = n + 1 WHERE name = 'articles'");
	const answer = await articleOf(c, slug, me);
	await on(c, "COMMIT");
	return answer;
}

async function addArticle(request, url, response) {
	const me = Number(claims(request).sub);
	const sent = (await bodyOf(request))?.article ?? {};
	for (const [name, most] of [["title", 120], ["description", 250], ["body", 60000]]) {
		if (typeof sent[name] !== "string" || sent[name] === "" || sent[name].length > most) {
			throw new Refusal(422, name, `can't be blank or longer than ${most}`);
		}
	}
	const c = await connect();
	try {
		response.statusCode = 201;
		return await write(c, me, sent);
	} catch (error) {
		await on(c, "ROLLBACK");
		throw error;
	} finally {
		c.release();
	}
}

function upload(request, url, response) {
	claims(request);
	return new Promise((done, fail) => {
		const form = busboy({ headers: request.headers });
		form.on("error", fail);
		form.on("file", (_, file, { filename: name }) => {
			const digest = crypto.createHash("sha256");
			const to = fs.createWriteStream(`${settings.uploads}/${crypto.randomUUID()}`);
			file.on("data", (piece) => digest.update(piece));
			file.pipe(to).on("error", fail).on("finish", () => {
				response.statusCode = 201;
				done({ file: { name, size: to.bytesWritten, sha256: digest.digest("hex") } });
			});
		});
		request.pipe(form);
	});
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
	"November", "December"];
const day = (date) => `${MONTHS[date.slice(5, 7) - 1]} ${Number(date.slice(8, 10))}, ${date.slice(0, 4)}`;

const preview = (a) => `
		<div class="article-preview">
			<div class="article-meta">
				<img src="${h(a.image ?? "/static/default-avatar.svg")}" alt="" width="40" height="40">
				<div class="info">
					<a class="author" href="/profile/${encodeURIComponent(a.username)}">${h(a.username)}</a>
					<time class="date" datetime="${stamp(a.created_at).slice(0, 19)}+00:00">${day(a.created_at)}</time>
				</div>
				<form class="inline" method="get" action="/login">
					<input type="hidden" name="next" value="/">
					<button class="btn btn-sm btn-outline-primary" aria-label="Favorite: ${a.favorites_count}"><i class="ion-heart"></i> ${a.favorites_count}</button>
				</form>
			</div>
			<a class="preview-link" href="/article/${encodeURIComponent(a.slug)}">
				<h1 aria-level="2">${h(a.title)}</h1>
				<p>${h(a.description)}</p>
				<span>Read more…</span>
				<ul class="tag-list">
					${lines(a.tag_lines).map((tag) => `<li class="tag-default tag-pill tag-outline">${h(tag)}</li>`).join("\n")}
				</ul>
			</a>
		</div>`;

const link = (n, pages) => `${n === pages && n > 4 ? '<li class="page-item">…</li>' : ""}
			<li class="page-item${n === 1 ? " active" : ""}"><a class="page-link btn${n === 1 ? " btn-primary" : ""}" href="/?page=${n}"${n === 1 ? ' aria-current="page"' : ""}>${n}</a></li>`;

async function home(request, url, response) {
	const articles = await newest(10);
	const popular = await query("SELECT name FROM tags ORDER BY used_at DESC, id DESC LIMIT 20");
	const pages = Math.ceil((articles[0]?.n ?? 0) / 10);
	const shown = [1, 2, 3, pages].filter((n, i, all) => n <= pages && all.indexOf(n) === i);
	response.setHeader("Content-Type", "text/html; charset=utf-8");
	return `${settings.head}${articles.map(preview).join("")}
		<nav aria-label="Pages">
		<ul class="pagination">${shown.map((n) => link(n, pages)).join("")}
		</ul>
		</nav>
	</section>
	<aside class="sidebar">
		<h2>Popular Tags</h2>
		<div class="tag-list">
			${popular.map(({ name }) => `<a class="tag-default tag-pill" href="/tag/${encodeURIComponent(name)}">${h(name)}</a>`).join("\n")}
${settings.foot}`;
}

const routes = {
	"GET /gate": (request, url, response) => {
		response.setHeader("X-User", claims(request).username);
		return "";
	},
	"GET /api/user": showUser,
	"GET /api/articles": showArticles,
	"POST /api/articles": addArticle,
	"POST /api/files": upload,
	"GET /": home,
};

function routeOf(request, url) {
	if (url.pathname.startsWith("/api/articles/") && request.method === "GET") {
		return () => articleOf(pool, decodeURIComponent(url.pathname.slice(14)), 0);
	}
	return routes[`${request.method} ${url.pathname}`];
}

async function serve(request, response) {
	let body;
	try {
		const url = new URL(request.url, "http://localhost");
		const route = routeOf(request, url);
		if (!route) throw new Refusal(404, "path", "not found");
		body = await route(request, url, response);
	} catch (error) {
		if (!error.status) console.error(error);
		response.statusCode = error.status ?? 500;
		body = error.body ?? { errors: { server: ["is away"] } };
	}
	if (typeof body !== "string") {
		response.setHeader("Content-Type", "application/json; charset=utf-8");
		body = JSON.stringify(body);
	}
	response.setHeader("Content-Length", Buffer.byteLength(body));
	response.end(body);
}

if (cluster.isPrimary) {
	for (let i = 0; i < Number(process.env.BENCH_WORKERS); i++) cluster.fork();
	cluster.on("exit", () => process.exit(1));
} else {
	http.createServer({ keepAliveTimeout: 0 }, serve).listen(process.env.BENCH_SOCKET);
}
