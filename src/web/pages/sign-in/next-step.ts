import type { RequestOptions } from '../../../app/schemas/auth/passkeys.ts';
import * as passkeyLogin from '../../../app/services/auth/passkey-login.ts';
import type { TokenPair } from '../../../app/services/auth/token-pair.ts';
import { AppError } from '../../../app/utils/errors.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { appCodeField, field, formTo, hidden, submit } from '../fields.ts';
import type { Outcome, View, Visit } from '../page.ts';
import { passkeyForm } from '../passkey-form.ts';

/** Signs in by a pair. An account that wants a second factor gets the form that asks for it, or that sets one up. */
export async function signedIn({ ctx, view }: Visit, start: () => Promise<TokenPair>): Promise<Outcome> {
  try {
    return { goTo: view.next, session: await start() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { mfa_token, factors = [] } = (error.members ?? {}) as { mfa_token?: string; factors?: { type: string }[] };
    if (mfa_token === undefined) throw error;
    if (error.code === 'mfa_required') {
      const { title, text } = view.texts.second_factor;
      const hasPasskey = factors.some(({ type }) => type === 'passkey');
      const asked = hasPasskey ? passkeyLogin.options(ctx) : undefined;
      return { title, paragraphs: [text], content: secondFactorForm(view, mfa_token, asked) };
    }
    return enrollmentStep(view, mfa_token);
  }
}

/** The code of an app, a recovery code or, if it is asked for, a passkey. */
export function secondFactorForm(view: View, mfa_token: string, asked?: RequestOptions): Html {
  const { texts, pathOf, next } = view;
  const { recovery_code: label, recovery_code_help: help } = texts.labels;
  const byCode = formTo(
    pathOf('second-factor', next),
    hidden('mfa_token', mfa_token),
    appCodeField(view),
    html`<details${view.values.recovery_code ? html` open` : []}>
<summary>${texts.second_factor.other}</summary>
${field(view, { name: 'recovery_code', label, help, autocomplete: 'off', optional: true })}</details>
`,
    submit(texts.second_factor.button),
  );
  if (asked === undefined) return byCode;
  const way = { kind: 'get', page: 'second-factor', asked, label: texts.sign_in.passkey } as const;
  return html`${byCode}${passkeyForm(view, way, hidden('mfa_token', mfa_token))}`;
}

function enrollmentStep(view: View, mfa_token: string): Outcome {
  const { texts, pathOf, next } = view;
  const { title, text, button } = texts.enrollment;
  const form = formTo(pathOf('enroll', next), hidden('mfa_token', mfa_token), submit(button));
  return { title, paragraphs: [text], content: form };
}
