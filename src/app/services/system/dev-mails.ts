import type { RequestContext } from '../../context.ts';
import { product } from '../../product.ts';
import { parseEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { html, markupOf } from '../../utils/html.ts';
import type { KeptMail } from './mailer.ts';

/** The mails that a development server kept instead of sending them, newest first; `to` in any spelling. */
export function list(ctx: RequestContext, { to }: { to?: string }): readonly KeptMail[] {
  const mails = ctx.mailer.inbox?.list() ?? [];
  return to === undefined ? mails : mails.filter((mail) => mail.to === parseEmail(to));
}

/** The HTML of one of them. Throws route_not_found. */
export function getHtml(ctx: RequestContext, id: string): string {
  const mail = list(ctx, {}).find((kept) => kept.id === id);
  if (mail === undefined) throw new AppError('route_not_found');
  return mail.html;
}

const STYLE = html`
:root{color-scheme:light dark}
body{max-width:640px;margin:48px auto;padding:0 16px;font:16px/24px system-ui,sans-serif}
h1{font-size:24px;line-height:32px}
li{margin:0 0 8px;padding:12px 16px;border:1px solid;border-radius:6px;list-style:none}
ul{padding:0}
small{font-size:13px;line-height:18px;opacity:.75;overflow-wrap:anywhere}
a{font-weight:600}`;

/** The inbox as a page: a list, each entry a link to the mail. */
export function getPage(ctx: RequestContext): string {
  const entries = list(ctx, {}).map(
    ({
      id,
      to,
      kind,
      subject,
      created_at,
    }) => html`<li><a href="mails/${id}">${subject}</a><br><small>${to} · ${kind} · ${created_at.toISOString()}</small></li>
`,
  );
  const none = html`<p>There is none yet. A mail appears here once something asks for it; reload the page then.</p>`;
  return markupOf(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Mails · ${product.name}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>
<h1>Mails</h1>
<p>SMTP_URL is not set, so this development server keeps the last hundred mails here until it ends.</p>
${
  entries.length === 0
    ? none
    : html`<ul>
${entries}</ul>`
}
</body>
</html>
`);
}
