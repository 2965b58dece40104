import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as recoveryCodes from '../../../app/services/auth/recovery-codes.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { form } from '../fields.ts';
import { definePage, visitorOf } from '../page.ts';

const RenewalForm = Type.Object({ renew: Type.Literal('yes') }, { ...closed, title: 'RenewalForm' });

export const recoveryCodesPage = definePage({
  path: 'recovery-codes',
  access: 'fresh',
  body: RenewalForm,
  errors: ['factor_not_found'],
  message: ({ recovery_codes }) => ({ title: recovery_codes.title, paragraphs: [recovery_codes.renew_text] }),
  form: ({ texts }) =>
    form(html`<button name="renew" value="yes">${texts.recovery_codes.button}</button>
`),
  submit: async (visit) => {
    const codes = await recoveryCodes.renew(visit.ctx, visitorOf(visit));
    const { recovery_codes, account } = visit.view.texts;
    return {
      title: recovery_codes.done_title,
      paragraphs: [recovery_codes.text],
      content: recoveryCodeList(codes),
      ways: [{ label: account.title, page: '' }],
    };
  },
});

/** The codes, which are shown this once. */
export function recoveryCodeList(codes: readonly string[]): Html {
  return html`<ul class="codes">
${codes.map(
  (code) => html`<li><code>${code}</code></li>
`,
)}</ul>
`;
}
