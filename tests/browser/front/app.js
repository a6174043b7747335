// SPDX-License-Identifier: ISC
// A front-end as small as may be: who opens it signs up, lists articles and publishes one. It asks its own origin alone.
const status = document.querySelector("[role=status]");
let token;

async function api(method, path, body) {
	const headers = { "Content-Type": "application/json" };

	if (token)
		headers.Authorization = `Token ${token}`;
	const answer = await fetch(`/api${path}`, { method, headers, body: body && JSON.stringify(body) });
	const data = answer.status === 204 ? {} : await answer.json();

	if (!answer.ok)
		throw new Error(Object.entries(data.errors).map(([key, texts]) => `${key} ${texts}`).join(", "));
	return data;
}

async function list() {
	const { articles, articlesCount } = await api("GET", "/articles?limit=5");

	document.querySelector("ul").replaceChildren(...articles.map((article) => {
		const item = document.createElement("li");

		item.textContent = `${article.title} by ${article.author.username}`;
		return item;
	}));
	status.textContent = `${articlesCount} in all`;
}

document.querySelector("form").addEventListener("submit", async (event) => {
	event.preventDefault();
	try {
		const article = { title: event.target.title.value, description: "Short", body: "Text", tagList: [] };
		const name = `front${Date.now()}`;

		if (!token) {
			const user = { username: name, email: `${name}@example.org`, password: "correct horse" };
			token = (await api("POST", "/users", { user })).user.token;
		}
		await api("POST", "/articles", { article });
		await list();
	} catch (error) {
		status.textContent = error.message;
	}
});
list();
