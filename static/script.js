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
