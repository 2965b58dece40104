import { SecondFactor } from '../../../app/schemas/auth/mfa.ts';
import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as enrollment from '../../../app/services/auth/enrollment.ts';
import * as factors from '../../../app/services/auth/factors.ts';
import { secretStep } from '../account/authenticator-secret.ts';
import { form, hidden, submit } from '../fields.ts';
import { definePage } from '../page.ts';

const EnrollmentForm = Type.Object(
  { mfa_token: SecondFactor.properties.mfa_token },
  { ...closed, title: 'EnrollmentForm' },
);

/** An account that must have a second factor sets up its first one on the way in. */
export const enrollPage = definePage({
  path: 'enroll',
  opened_by: 'sign-in',
  body: EnrollmentForm,
  errors: ['mfa_token_invalid', 'account_disabled', 'email_unverified', 'factor_limit'],
  message: ({ enrollment }) => ({ title: enrollment.title, paragraphs: [enrollment.text] }),
  form: (view) => form(hidden('mfa_token', view.values.mfa_token ?? ''), submit(view.texts.enrollment.button)),
  ways: ({ texts }) => [{ label: texts.second_factor.again, page: 'sign-in' }],
  submit: async ({ ctx, view }, { mfa_token }) => {
    const actor = await enrollment.authenticate(ctx, mfa_token);
    return secretStep(view, { ...(await factors.enrol(ctx, actor, { type: 'totp' })), mfa_token });
  },
});
