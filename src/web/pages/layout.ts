import { product } from '../../app/product.ts';
import { type Html, html, markupOf } from '../../app/utils/html.ts';
import { LOCALES } from '../../app/utils/locales.ts';
import type { Assets } from './assets.ts';
import type { Message, View, Way } from './page.ts';
import { LANGUAGES } from './texts.ts';

/** What stands between the frame of every page. */
export interface Content {
  message: Message;
  /** Absent on a page that says what happened. */
  form?: Html;
  /** True on a page of a person who is signed in: it has the way out. */
  isSetting?: boolean;
  /** Ways from here, under a line. */
  aside?: readonly Way[];
}

/** A whole page: the product's name, what was wrong, the heading, the form. It loads two files, both from this host. */
export function layOut(view: View, assets: Assets, { message, form, isSetting = false, aside = [] }: Content): string {
  const { texts, locale, problems } = view;
  const prefix = problems.length > 0 ? `${texts.problems.title}: ` : '';
  return markupOf(html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${prefix}${message.title} · ${product.name}</title>
${
  message.at_once === undefined
    ? []
    : html`<meta http-equiv="refresh" content="0; url=${message.at_once}">
`
}<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.sheet}">
<script type="module" src="${assets.script}" blocking="render"></script>
</head>
<body>
<header><a href="${view.pathOf('')}">${product.name}</a>${isSetting ? signOut(view) : []}</header>
<main>
${problems.length > 0 ? problemSummary(view) : []}
<h1>${message.title}</h1>
${message.paragraphs.map(
  (text) => html`<p>${breakable(text)}</p>
`,
)}
${message.content ?? []}
${form ?? waysOn(view, message)}
${aside.length > 0 ? otherWays(view, aside) : []}
</main>
<footer>${languages(view)}</footer>
</body>
</html>
`);
}

/** A text whose addresses stand in one line each, or break behind their dots and their `@` if they are longer than a line. */
export function breakable(text: string): Html {
  const parts = text.split(/(\S+@\S*[^\s.,;:!?])/);
  return html`${parts.map((part, index) => (index % 2 === 0 ? html`${part}` : address(part)))}`;
}

function address(text: string): Html {
  const parts = text.split(/(?<=[.@])/).map((part) => html`${part}<wbr>`);
  return html`<span class="address">${parts}</span>`;
}

function signOut({ texts, pathOf }: View): Html {
  return html`<form class="sign-out" method="post" action="${pathOf('')}"><button name="sign_out" value="yes">${texts.account.sign_out}</button></form>`;
}

/** It takes the focus, so that what was wrong is read first; each line names its field and leads to it. */
function problemSummary({ texts, problems }: View): Html {
  const lines = problems.map(({ text, field }) =>
    field === undefined
      ? html`<li>${text}</li>`
      : html`<li><a href="#${field}">${labelOf(texts.labels, field)}: ${text}</a></li>`,
  );
  return html`<div class="problems" role="alert" aria-labelledby="problems" tabindex="-1" autofocus>
<h2 id="problems">${texts.problems.title}</h2>
<ul>${lines}</ul>
</div>`;
}

function labelOf(labels: Readonly<Record<string, string>>, field: string): string {
  return labels[field] ?? field;
}

/** The first way is what a reader most likely does next. */
function waysOn({ pathOf }: View, { ways = [] }: Message): Html | Html[] {
  return ways.map(({ label, page, next }, index) =>
    index === 0
      ? html`<p><a class="button" href="${pathOf(page, next)}">${label}</a></p>
`
      : html`<p><a href="${pathOf(page, next)}">${label}</a></p>
`,
  );
}

function otherWays({ pathOf }: View, ways: readonly Way[]): Html {
  return html`<ul class="other ways">
${ways.map(
  ({ label, page, next }) => html`<li><a href="${pathOf(page, next)}">${label}</a></li>
`,
)}</ul>`;
}

function languages({ texts, locale, next }: View): Html {
  const rest = next === '' ? '' : `&next=${next}`;
  const links = LOCALES.map((other) =>
    other === locale
      ? html`<li aria-current="true" lang="${other}">${LANGUAGES[other]}</li>
`
      : html`<li><a href="?locale=${other}${rest}" hreflang="${other}" lang="${other}">${LANGUAGES[other]}</a></li>
`,
  );
  return html`<nav class="languages" aria-label="${texts.labels.language}"><ul>
${links}</ul></nav>`;
}
