<?php
// SPDX-License-Identifier: ISC
// The PHP peer of make bench, on Postern's tables: one file without a framework, by what PHP has. The settings are a PHP
// file as well, so that opcache keeps them.
declare(strict_types=1);
date_default_timezone_set('UTC');
$settings = require getenv('BENCH_SETTINGS');

function refuse(int $status, string $name, string $text): never
{
	answer(['errors' => [$name => [$text]]], $status);
}

function answer(array $what, int $status = 200): never
{
	http_response_code($status);
	header('Content-Type: application/json; charset=utf-8');
	echo json_encode($what, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
	exit;
}

function db(): PDO
{
	global $settings;
	static $db = null;
	return $db ??= new PDO("mysql:unix_socket={$settings['socket']};dbname=postern;charset=utf8mb4", $settings['user'],
		$settings['password'], [PDO::ATTR_PERSISTENT => true, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
		PDO::MYSQL_ATTR_INIT_COMMAND => 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED']);
}

function rows(string $sql, array $values): array
{
	$statement = run($sql, $values);
	return $statement->fetchAll();
}

function run(string $sql, array $values): PDOStatement
{
	$statement = db()->prepare($sql);
	foreach ($values as $name => $value) {
		$statement->bindValue($name, $value, is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
	}
	$statement->execute();
	return $statement;
}

function unbase64(string $text): string
{
	return (string)base64_decode(strtr($text, '-_', '+/'), true);
}

function base64(string $bytes): string
{
	return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

// A signature of JWS is two numbers of 32 bytes; openssl wants them as ASN.1.
function to_der(string $raw): string
{
	$der = '';
	foreach (str_split($raw, 32) as $number) {
		$number = ltrim($number, "\0");
		$number = $number === '' || ord($number[0]) > 127 ? "\0$number" : $number;
		$der .= "\x02" . chr(strlen($number)) . $number;
	}
	return "\x30" . chr(strlen($der)) . $der;
}

function from_der(string $der): string
{
	$r = substr($der, 4, ord($der[3]));
	$s = substr($der, 6 + strlen($r));
	return str_pad(substr($r, -32), 32, "\0", STR_PAD_LEFT) . str_pad(substr($s, -32), 32, "\0", STR_PAD_LEFT);
}

// The claims of the token that came; who comes without a good one goes no further.
function claims(): array
{
	global $settings;
	if (!preg_match('/^(?:Bearer|Token) (\S+)$/', $_SERVER['HTTP_AUTHORIZATION'] ?? '', $found)) {
		refuse(401, 'token', 'is missing');
	}
	[$head, $payload, $signature] = explode('.', $found[1]) + ['', '', ''];
	$raw = unbase64($signature);
	$good = strlen($raw) === 64 && (json_decode(unbase64($head), true)['alg'] ?? '') === 'ES256'
		&& openssl_verify("$head.$payload", to_der($raw), $settings['public'], OPENSSL_ALGO_SHA256) === 1;
	$claims = $good ? json_decode(unbase64($payload), true) : null;
	if (!is_array($claims) || $claims['iss'] !== $settings['url'] || $claims['type'] !== 'access'
		|| $claims['nbf'] > time() || $claims['exp'] <= time()) {
		refuse(401, 'token', 'is invalid');
	}
	return $claims + ['token' => $found[1]];
}

function issue(array $user, int $session): string
{
	global $settings;
	$now = time();
	$text = base64(json_encode(['alg' => 'ES256', 'kid' => $settings['kid'], 'typ' => 'at+jwt'])) . '.' . base64(json_encode(['iss' => $settings['url'],
		'sub' => (string)$user['id'], 'iat' => $now, 'nbf' => $now, 'exp' => $now + 7 * 86400,
		'jti' => bin2hex(random_bytes(16)), 'type' => 'access', 'fresh' => true, 'sid' => (string)$session,
		'username' => $user['username'], 'role' => 'member', 'groups' => []], JSON_UNESCAPED_SLASHES));
	openssl_sign($text, $der, $settings['private'], OPENSSL_ALGO_SHA256);
	return $text . '.' . base64(from_der($der));
}

const ARTICLE = 'SELECT a.slug, a.title, a.description, a.tag_lines, a.created_at, a.updated_at, a.favorites_count,
	f.user_id AS favorited, u.username, u.bio, u.image, w.follower_id AS following';
const FROM = ' FROM articles a STRAIGHT_JOIN users u ON u.id = a.author_id
	LEFT JOIN favorites f ON f.user_id = :me AND f.article_created_at = a.created_at AND f.article_id = a.id
	LEFT JOIN follows w ON w.follower_id = :me2 AND w.followed_id = u.id';

function stamp(string $date): string
{
	return strtr($date, ' ', 'T') . 'Z';
}

function article(array $row): array
{
	return ['slug' => $row['slug'], 'title' => $row['title'], 'description' => $row['description'],
		'tagList' => $row['tag_lines'] === '' ? [] : explode("\n", $row['tag_lines']),
		'createdAt' => stamp($row['created_at']), 'updatedAt' => stamp($row['updated_at']),
		'favorited' => $row['favorited'] !== null, 'favoritesCount' => $row['favorites_count'],
		'author' => ['username' => $row['username'], 'bio' => $row['bio'], 'image' => $row['image'],
			'following' => $row['following'] !== null]] + (isset($row['body']) ? ['body' => $row['body']] : []);
}

function newest(int $limit): array
{
	return rows(ARTICLE . ", (SELECT n FROM totals WHERE name = 'articles') AS n" . FROM
		. ' ORDER BY a.created_at DESC, a.id DESC LIMIT :limit', ['me' => 0, 'me2' => 0, 'limit' => $limit]);
}

function show_article(string $slug, int $me = 0, int $status = 200): never
{
	$found = rows(ARTICLE . ', b.body' . FROM . ' JOIN article_bodies b ON b.article_id = a.id WHERE a.slug = :slug',
		['me' => $me, 'me2' => $me, 'slug' => $slug]);
	$found || refuse(404, 'article', 'not found');
	$me === 0 || db()->commit();
	answer(['article' => article($found[0])], $status);
}

function show_articles(): never
{
	$found = newest((int)($_GET['limit'] ?? 20));
	answer(['articles' => array_map('article', $found), 'articlesCount' => $found[0]['n'] ?? 0]);
}

function show_user(): never
{
	$claims = claims();
	$found = rows('SELECT a.email, u.username, u.bio, u.image FROM users u JOIN addresses a ON a.user_id = u.id
		WHERE u.id = :id AND NOT u.locked', ['id' => (int)$claims['sub']]);
	$found || refuse(401, 'token', 'has been revoked');
	answer(['user' => $found[0] + ['token' => $claims['token']]]);
}

function login(): never
{
	$sent = json_decode(file_get_contents('php://input'), true)['user'] ?? [];
	$found = rows('SELECT u.id, u.username, a.email, u.bio, u.image, c.hash FROM users u JOIN addresses a ON a.user_id = u.id
		JOIN credentials c ON c.user_id = u.id WHERE a.email_key = :email AND NOT u.locked',
		['email' => strtolower($sent['email'] ?? '')]);
	if (!$found || !password_verify($sent['password'] ?? '', $found[0]['hash'])) {
		refuse(401, 'credentials', 'invalid');
	}
	run('INSERT INTO sessions (user_id, created_at, authenticated_at, last_seen_at, expires_at)
		VALUES (:id, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 7 DAY)',
		['id' => $found[0]['id']]);
	$token = issue($found[0], (int)db()->lastInsertId());
	answer(['user' => array_intersect_key($found[0], array_flip(['email', 'username', 'bio', 'image'])) + ['token' => $token]]);
}

function add_tags(int $id, array $tags): void
{
	$rows = implode(', ', array_fill(0, count($tags), '(?, 1, UTC_TIMESTAMP(3))'));
	db()->prepare("INSERT INTO tags (name, articles_count, used_at) VALUES $rows
		ON DUPLICATE KEY UPDATE articles_count = articles_count + 1, used_at = VALUES(used_at)")->execute($tags);
	$marks = implode(', ', array_fill(0, count($tags), '?'));
	db()->prepare("INSERT INTO article_tags (tag_id, article_created_at, article_id) SELECT t.id, a.created_at, a.id
		FROM tags t JOIN articles a ON a.id = ? WHERE t.name IN ($marks)")->execute([$id, ...$tags]);
}

function add_article(): never
{
	$me = (int)claims()['sub'];
	$sent = json_decode(file_get_contents('php://input'), true)['article'] ?? [];
	foreach (['title' => 120, 'description' => 250, 'body' => 60000] as $name => $most) {
		is_string($sent[$name] ?? null) && $sent[$name] !== '' && length_of($sent[$name]) <= $most
			|| refuse(422, $name, "can't be blank or longer than $most");
	}
	$tags = array_values(array_unique($sent['tagList'] ?? []));
	sort($tags);
	$slug = trim(preg_replace('/[^a-z0-9]+/', '-', strtolower($sent['title'])), '-');
	db()->beginTransaction();
	run('INSERT INTO articles (slug, author_id, title, description, tag_lines, created_at, updated_at)
		VALUES (:slug, :me, :title, :description, :tags, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))', ['slug' => $slug, 'me' => $me,
		'title' => $sent['title'], 'description' => $sent['description'], 'tags' => implode("\n", $tags)]);
	$id = (int)db()->lastInsertId();
	run("INSERT INTO article_bodies (article_id, body, html, renderer) VALUES (:id, :body, :html, 'none')", ['id' => $id,
		'body' => $sent['body'], 'html' => '<p>' . htmlspecialchars($sent['body']) . "</p>\n"]);
	$tags === [] || add_tags($id, $tags);
	run('INSERT INTO writers (user_id, articles_count, last_at, last_id) SELECT author_id, 1, created_at, id FROM articles
		WHERE id = :id ON DUPLICATE KEY UPDATE articles_count = articles_count + 1, last_at = VALUES(last_at),
		last_id = VALUES(last_id)', ['id' => $id]);
	db()->exec("UPDATE totals SET n = n + 1 WHERE name = 'articles'");
	show_article($slug, $me, 201);
}

function length_of(string $text): int
{
	return (int)preg_match_all('/./su', $text);
}

function upload(): never
{
	global $settings;
	claims();
	$file = $_FILES['inputFile'] ?? [];
	$to = $settings['uploads'] . '/' . bin2hex(random_bytes(8));
	($file['error'] ?? 1) === 0 && move_uploaded_file($file['tmp_name'], $to) || refuse(422, 'inputFile', 'is missing');
	answer(['file' => ['name' => $file['name'], 'size' => $file['size'], 'sha256' => hash_file('sha256', $to)]], 201);
}

function home(): never
{
	global $settings;
	$articles = newest(10);
	$popular = array_column(rows('SELECT name FROM tags ORDER BY used_at DESC, id DESC LIMIT 20', []), 'name');
	$pages = (int)ceil(($articles[0]['n'] ?? 0) / 10);
	require __DIR__ . '/home.php';
	exit;
}

$path = $_SERVER['DOCUMENT_URI'] ?? $_SERVER['PATH_INFO'];
match ($_SERVER['REQUEST_METHOD'] . ' ' . $path) {
	'GET /gate' => header('X-User: ' . claims()['username']),
	'GET /api/user' => show_user(),
	'POST /api/users/login' => login(),
	'GET /api/articles' => show_articles(),
	'POST /api/articles' => add_article(),
	'POST /api/files' => upload(),
	'GET /' => home(),
	default => str_starts_with($path, '/api/articles/') ? show_article(substr($path, 14)) : refuse(404, 'path', 'not found'),
};
