<?php
// SPDX-License-Identifier: ISC
// Postern's home page, for the PHP peer of make bench. Head and foot are the same for all.
function h(string|int|null $text): string
{
	return htmlspecialchars((string)$text, ENT_QUOTES | ENT_HTML5);
}
?>
<?= $settings['head'] ?>

<?php foreach ($articles as $a): ?>
		<div class="article-preview">
			<div class="article-meta">
				<img src="<?= h($a['image'] ?? '/static/default-avatar.svg') ?>" alt="" width="40" height="40">
				<div class="info">
					<a class="author" href="/profile/<?= rawurlencode($a['username']) ?>"><?= h($a['username']) ?></a>
					<time class="date" datetime="<?= substr(stamp($a['created_at']), 0, 19) ?>+00:00"><?= date('F j, Y', strtotime($a['created_at'])) ?></time>
				</div>
				<form class="inline" method="get" action="/login">
					<input type="hidden" name="next" value="/">
					<button class="btn btn-sm btn-outline-primary" aria-label="Favorite: <?= $a['favorites_count'] ?>"><i class="ion-heart"></i> <?= $a['favorites_count'] ?></button>
				</form>
			</div>
			<a class="preview-link" href="/article/<?= rawurlencode($a['slug']) ?>">
				<h1 aria-level="2"><?= h($a['title']) ?></h1>
				<p><?= h($a['description']) ?></p>
				<span>Read more…</span>
				<ul class="tag-list">
<?php foreach ($a['tag_lines'] === '' ? [] : explode("\n", $a['tag_lines']) as $tag): ?>
					<li class="tag-default tag-pill tag-outline"><?= h($tag) ?></li>
<?php endforeach ?>
				</ul>
			</a>
		</div>
<?php endforeach ?>
		<nav aria-label="Pages">
		<ul class="pagination">
<?php foreach (array_unique([...range(1, min(3, $pages)), $pages]) as $n): ?>
<?php if ($n === $pages && $n > 4): ?>
			<li class="page-item">…</li>
<?php endif ?>
			<li class="page-item<?= $n === 1 ? ' active' : '' ?>"><a class="page-link btn<?= $n === 1 ? ' btn-primary' : '' ?>" href="/?page=<?= $n ?>"<?= $n === 1 ? ' aria-current="page"' : '' ?>><?= $n ?></a></li>
<?php endforeach ?>
		</ul>
		</nav>
	</section>
	<aside class="sidebar">
		<h2>Popular Tags</h2>
		<div class="tag-list">
<?php foreach ($popular as $tag): ?>
			<a class="tag-default tag-pill" href="/tag/<?= rawurlencode($tag) ?>"><?= h($tag) ?></a>
<?php endforeach ?>
<?= $settings['foot'] ?>
