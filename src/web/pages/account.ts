import { type Html, html } from '../../app/utils/html.ts';
import type { Message, View } from './page.ts';
import type { PageTexts } from './texts.ts';

/** The list of the pages, at `/account`. */
export function accountMessage({ account }: PageTexts): Message {
  return { title: account.title, paragraphs: [account.text] };
}

/** What a person may come for without a mail; the other pages are where the links of mails lead. */
export function accountList({ texts, pathOf }: View): Html {
  const { forgot_password, verify, request_verification } = texts;
  const entries = [
    { page: 'forgot-password', label: forgot_password.title },
    { page: 'verify', label: verify.title },
    { page: 'request-verification', label: request_verification.title },
  ];
  return html`<ul class="pages">
${entries.map(
  ({ page, label }) => html`<li><a href="${pathOf(page)}">${label}</a></li>
`,
)}</ul>`;
}
