// SPDX-License-Identifier: ISC
// A process that says whether pages are valid HTML, so that Node starts once: a line {"name", "html"} comes in, a line
// of findings goes out. Its argument is the folder that holds node_modules.
"use strict";
const path = require("path");
const readline = require("readline");
const { HtmlValidate, StaticConfigLoader } = require(require.resolve("html-validate", { paths: [process.argv[2]] }));

const rules = {
	// The recommended rules, but for three that are matters of taste, not of validity:
	// a template's comments and sections leave blanks at the ends of lines;
	"no-trailing-whitespace": "off",
	// HTML allows both <br> and <br/>: templates have the first, Markdown becomes the second.
	"void-style": "off",
	// Small forms before the main one leave out type="submit", the default, so that the first button that has it is
	// the main form's.
	"no-implicit-button-type": "off",
	// Headings are in order by aria-level, of which this knows nothing and axe does; those of an article are its author's,
	// and so is the length of its title.
	"heading-level": "off",
	"long-title": "off",
	// Inputs of one name are a list: checkboxes of groups, and the tags of an article.
	"form-dup-name": "off",
};
const checker = new HtmlValidate(new StaticConfigLoader({ root: true, extends: ["html-validate:recommended"], rules }));

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
	const { name, html } = JSON.parse(line);
	const report = await checker.validateString(html, name);
	const found = report.results.flatMap((r) => r.messages)
		.map((m) => `${path.basename(name)}:${m.line}:${m.column}: ${m.ruleId}: ${m.message}`);
	console.log(JSON.stringify(found));
});
