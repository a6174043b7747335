// SPDX-License-Identifier: ISC
// A button below each password field shows what was typed. Pages are complete without it.
for (const input of document.querySelectorAll("input[type=password]")) {
	const button = document.createElement("button");
	const show = (shown) => {
		input.type = shown ? "text" : "password";
		button.textContent = shown ? "Hide password" : "Show password";
	};

	button.type = "button";
	button.className = "show-password";
	button.setAttribute("aria-controls", input.id);
	button.addEventListener("click", () => show(input.type === "password"));
	input.form.addEventListener("submit", () => show(false)); // a browser remembers what text fields held
	input.after(button);
	show(false);
}

// A file that is uploaded shows how far it is. What the site answers takes the place of this page, as without script.
for (const form of document.querySelectorAll("form.upload")) {
	form.addEventListener("submit", (event) => {
		const request = new XMLHttpRequest();
		const bar = document.createElement("progress");
		const button = form.querySelector("button[type=submit]");

		event.preventDefault();
		bar.max = 1;
		bar.value = 0;
		bar.setAttribute("aria-label", "Upload");
		button.disabled = true;
		button.before(bar);
		request.upload.addEventListener("progress", (e) => { bar.value = e.loaded / e.total; });
		request.addEventListener("load", () => {
			history.replaceState(null, "", request.responseURL);
			document.open();
			document.write(request.responseText);
			document.close();
		});
		request.addEventListener("error", () => form.submit()); // and let the browser say what is wrong
		request.open("POST", form.action);
		request.send(new FormData(form));
	});
}
