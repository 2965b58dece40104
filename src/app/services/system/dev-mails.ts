import { isIP } from 'node:net';
import type { RequestContext } from '../../context.ts';
import { product } from '../../product.ts';
import { parseEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { html, markupOf } from '../../utils/html.ts';
import { isLoopback } from '../../utils/loopback.ts';
import { publicUrl } from './mail-links.ts';
import type { KeptMail } from './mailer.ts';

/**
 * Throws route_not_found for a host that is not this server's: a page of the web whose name leads to this machine (DNS rebinding)
 * could read the links otherwise. An address leads nowhere else.
 */
export function requireOwnHost({ config }: RequestContext, host = ''): void {
  const url = URL.parse(`http://${host}`);
  const hostname = url?.hostname ?? '';
  const known = [config.host, new URL(publicUrl(config)).hostname];
  const isAddress = isIP(hostname.replace(/[[\]]/g, '')) !== 0;
  if (!isAddress && !isLoopback(hostname) && !known.includes(hostname)) throw new AppError('route_not_found');
}

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
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--line:#dfe3e8;--text:#16181d;--muted:#5a6472;--link:#2457d6}
@media (prefers-color-scheme:dark){:root{--page:#101317;--card:#1d2228;--line:#2b323a;--text:#e9ecef;--muted:#a0aab6;--link:#8fb0ff}}
body{max-width:640px;margin:48px auto;padding:0 16px;font:16px/24px system-ui,sans-serif;background:var(--page);color:var(--text)}
h1{font-size:24px;line-height:32px}
p,small{color:var(--muted)}
li{margin:0 0 8px;padding:12px 16px;border:1px solid var(--line);border-radius:6px;list-style:none;background:var(--card)}
ul{padding:0}
small{display:block;font-size:13px;line-height:20px;overflow-wrap:anywhere}
time{white-space:nowrap}
a{font-weight:600;color:var(--link);text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}`;

/** The inbox as a page: a list, each entry a link to the mail. */
export function getPage(ctx: RequestContext): string {
  const entries = list(ctx, {}).map(
    ({
      id,
      to,
      kind,
      subject,
      created_at,
    }) => html`<li><a href="mails/${id}">${subject}</a><small>${to} · ${kind} · <time datetime="${created_at.toISOString()}">${timeOf(created_at)}</time></small></li>
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

/** `2026-11-27 18:57:09 UTC` */
function timeOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
