import { AddressRequest } from '../../../app/schemas/auth/one-time-tokens.ts';
import * as emailVerification from '../../../app/services/auth/email-verification.ts';
import { emailField, form, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const requestVerificationPage = definePage({
  path: 'request-verification',
  body: AddressRequest,
  errors: ['rate_limited'],
  message: ({ request_verification }) => ({
    title: request_verification.title,
    paragraphs: [request_verification.text],
  }),
  form: (view) => form(emailField(view), submit(view.texts.request_verification.button)),
  submit: async (
    {
      ctx,
      view: {
        texts: { forgot_password: texts, request_verification },
      },
    },
    body,
  ) => {
    await emailVerification.request(ctx, body);
    return {
      title: texts.done_title,
      paragraphs: [request_verification.done(body.email), texts.done_help],
      ways: [{ label: texts.enter_code, page: 'verify' }],
    };
  },
});
