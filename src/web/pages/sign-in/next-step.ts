import type { TokenPair } from '../../../app/services/auth/token-pair.ts';
import { AppError } from '../../../app/utils/errors.ts';
import { html } from '../../../app/utils/html.ts';
import { appCodeField, field, formTo, hidden, submit } from '../fields.ts';
import type { Outcome, View } from '../page.ts';

/** Signs in by a pair. An account that wants a second factor gets the form that asks for it, or that sets one up. */
export async function signedIn(view: View, start: () => Promise<TokenPair>): Promise<Outcome> {
  try {
    return { goTo: view.next, session: await start() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { mfa_token } = (error.members ?? {}) as { mfa_token?: string };
    if (mfa_token === undefined) throw error;
    if (error.code === 'mfa_required') return secondFactorStep(view, mfa_token);
    return enrollmentStep(view, mfa_token);
  }
}

function secondFactorStep(view: View, mfa_token: string): Outcome {
  const { title, text } = view.texts.second_factor;
  return { title, paragraphs: [text], content: secondFactorForm(view, mfa_token) };
}

/** The code of an app, or a recovery code. */
export function secondFactorForm(view: View, mfa_token: string) {
  const { texts, pathOf, next } = view;
  const { recovery_code: label, recovery_code_help: help } = texts.labels;
  return formTo(
    pathOf('second-factor', next),
    hidden('mfa_token', mfa_token),
    appCodeField(view),
    html`<details${view.values.recovery_code ? html` open` : []}>
<summary>${texts.second_factor.other}</summary>
${field(view, { name: 'recovery_code', label, help, autocomplete: 'off', optional: true })}</details>
`,
    submit(texts.second_factor.button),
  );
}

function enrollmentStep(view: View, mfa_token: string): Outcome {
  const { texts, pathOf, next } = view;
  const { title, text, button } = texts.enrollment;
  const form = formTo(pathOf('enroll', next), hidden('mfa_token', mfa_token), submit(button));
  return { title, paragraphs: [text], content: form };
}
