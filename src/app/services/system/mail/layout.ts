import { product } from '../../../product.ts';
import { type Html, html, markupOf } from '../../../utils/html.ts';
import type { Letter } from './letters.ts';
import type { Texts } from './texts/en.ts';

/** The colours of the pages: light in each element, dark by class, since some mail programs drop the sheet. */
const LIGHT = {
  page: '#f6f7f9',
  card: '#ffffff',
  line: '#dfe3e8',
  edge: '#8c96a3',
  text: '#16191d',
  muted: '#59626e',
  accent: '#2456d6',
  on_accent: '#ffffff',
};
const DARK = {
  page: '#101317',
  card: '#1d2228',
  line: '#2b323a',
  edge: '#6b7683',
  text: '#e9ecef',
  muted: '#a0aab6',
  accent: '#8fb0ff',
  on_accent: '#101317',
};

const SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";
const MONO = 'font-family:ui-monospace,Menlo,Consolas,monospace';

const STYLE = html`
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:${DARK.page}!important}
.card{background:${DARK.card}!important;border-color:${DARK.line}!important}
.text,.fact{color:${DARK.text}!important}
.muted{color:${DARK.muted}!important}
.line{border-color:${DARK.line}!important}
.link{color:${DARK.accent}!important}
.button{background:${DARK.accent}!important;border-color:${DARK.accent}!important;color:${DARK.on_accent}!important}
.second{border-color:${DARK.edge}!important;color:${DARK.text}!important}
.code{background:${DARK.page}!important;color:${DARK.text}!important}
}
@media (max-width:480px){
.outer{padding:8px!important}
.inner{padding:20px 16px!important}
.text{overflow-wrap:anywhere;hyphens:auto}
h1{font-size:20px!important;line-height:28px!important}
.button,.second{display:block!important}
.fact{display:block!important;padding:0!important}
.fact+.fact{padding-bottom:8px!important}
}`;

/** What the layout says by itself. */
export interface Wording {
  lang: string;
  labels: Texts['labels'];
}

/** One column of at most 600 px, without pictures and without anything from another host. */
export function layOutHtml(letter: Letter, { lang, labels }: Wording): string {
  const { subject, heading, text, action, code, facts, warning, reason } = letter;
  const bare = action ?? warning?.action;
  return markupOf(html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${STYLE}</style>
</head>
<body class="page" style="margin:0;padding:0;background:${LIGHT.page}">
<table role="presentation" class="page" width="100%" cellspacing="0" cellpadding="0" border="0" style="background:${LIGHT.page}">
<tr><td class="outer" align="center" style="padding:24px">
<table role="presentation" class="card" width="100%" cellspacing="0" cellpadding="0" border="0" style="max-width:600px;background:${LIGHT.card};border:1px solid ${LIGHT.line};border-radius:6px;border-collapse:separate">
<tr><td class="inner" align="left" style="padding:24px;${SANS}">
${paragraph(product.name, 'muted', `font-size:14px;line-height:20px;font-weight:600;color:${LIGHT.muted}`)}
<h1 class="text" style="margin:0 0 12px;font-size:24px;line-height:32px;font-weight:600;color:${LIGHT.text}">${heading.replace(/\b(e)-(mail)\b/gi, '$1\u2011$2')}</h1>
${paragraph(text, 'text', `font-size:16px;line-height:24px;color:${LIGHT.text}`)}
${action ? button(action, 'button', `background:${LIGHT.accent};border-color:${LIGHT.accent};color:${LIGHT.on_accent}`) : []}
${code ? codeBlock(code, labels.or_code) : []}
${factTable(facts)}
${warning ? paragraph(warning.text, 'text', `font-size:16px;line-height:24px;color:${LIGHT.text}`) : []}
${warning?.action ? button(warning.action, 'second', `border-color:${LIGHT.edge};color:${LIGHT.text}`) : []}
${bare ? bareLink(bare.link, labels.bare_link) : []}
<p class="muted line" style="margin:24px 0 0;padding:16px 0 0;border-top:1px solid ${LIGHT.line};font-size:12px;line-height:16px;color:${LIGHT.muted}">${reason}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`);
}

function paragraph(text: string, name: string, style: string): Html {
  return html`<p class="${name}" style="margin:0 0 16px;${style}">${text}</p>`;
}

function button({ label, link }: { label: string; link: string }, name: string, style: string): Html {
  return html`<p style="margin:0 0 20px"><a class="${name}" href="${link}" style="display:inline-block;padding:11px 20px;border:1px solid;border-radius:6px;font-size:16px;line-height:20px;font-weight:600;text-align:center;text-decoration:none;${style}">${label}</a></p>`;
}

/** Two blocks of four for the eye, eight digits for the clipboard. */
function codeBlock(code: string, label: string): Html {
  const half = code.length / 2;
  return html`${paragraph(label, 'muted', `margin:0 0 8px;font-size:14px;line-height:20px;color:${LIGHT.muted}`)}
<p class="code" style="margin:0 0 20px;padding:12px 16px;border-radius:6px;background:${LIGHT.page};color:${LIGHT.text};${MONO};font-size:24px;line-height:32px;letter-spacing:2px"><span style="padding-right:12px">${code.slice(0, half)}</span><span>${code.slice(half)}</span></p>`;
}

function factTable(facts: Letter['facts']): Html {
  const cell = 'font-size:14px;line-height:20px;vertical-align:top';
  const rows = facts.map(
    ([
      label,
      value,
    ]) => html`<tr><td class="muted fact" style="padding:2px 16px 2px 0;${cell};color:${LIGHT.muted}">${label}</td><td class="fact" style="padding:2px 0;${cell};color:${LIGHT.text};overflow-wrap:anywhere">${value}</td></tr>
`,
  );
  return html`<table role="presentation" class="line" cellspacing="0" cellpadding="0" border="0" style="margin:0 0 16px;${SANS}">
${rows}</table>`;
}

function bareLink(link: string, label: string): Html {
  return html`${paragraph(label, 'muted', `margin:0 0 4px;font-size:14px;line-height:20px;color:${LIGHT.muted}`)}
<p style="margin:0;font-size:14px;line-height:20px;word-break:break-all"><a class="link" href="${link}" style="color:${LIGHT.accent}">${link}</a></p>`;
}

/** The same in plain text; the code stands alone on its line, for those who paste it. */
export function layOutText(letter: Letter, { labels }: Wording): string {
  const { heading, text, action, code, facts, warning, reason } = letter;
  const link = (way: { label: string; link: string } | undefined): string[] =>
    way === undefined ? [] : [`${way.label}:\n${way.link}`];
  const blocks = [
    product.name,
    heading,
    text,
    ...link(action),
    ...(code === undefined ? [] : [`${labels.or_code}\n${code}`]),
    facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    ...(warning === undefined ? [] : [warning.text]),
    ...link(warning?.action),
    reason,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
