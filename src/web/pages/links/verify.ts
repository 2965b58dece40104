import { oneTokenForm, tokenForms } from '../../../app/schemas/auth/one-time-tokens.ts';
import { Password } from '../../../app/schemas/auth/users.ts';
import { type Static, Type } from '../../../app/schemas/type.ts';
import * as emailVerification from '../../../app/services/auth/email-verification.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { form, passwordField, proofFields, submit } from '../fields.ts';
import { definePage, missing, type View } from '../page.ts';

/** Which of the two buttons was used: with a password, or by a person who says that another one set it. */
const VerificationForm = Type.Object(
  { ...tokenForms, password: Type.Optional(Password), without_password: Type.Optional(Type.Literal('yes')) },
  { ...oneTokenForm, title: 'VerificationForm' },
);

export const verifyPage = definePage({
  path: 'verify',
  body: VerificationForm,
  errors: ['one_time_token_invalid', 'invalid_credentials', 'rate_limited'],
  fieldOf: { invalid_credentials: 'password' },
  message: ({ verify }) => ({ title: verify.title, paragraphs: [verify.text] }),
  form: (view) => form(proofFields(view), passwordField(view), submit(view.texts.verify.button), withoutPassword(view)),
  ways: ({ texts: { verify } }) => [{ label: verify.renew, page: 'request-verification' }],
  submit: async (
    {
      ctx,
      view: {
        texts: { verify, reset_password },
      },
    },
    body,
  ) => {
    const { has_password } = await emailVerification.verify(ctx, undefined, proofOf(body));
    if (has_password) return { title: verify.done_title, paragraphs: [verify.done] };
    const ways = [{ label: reset_password.title, page: 'forgot-password' }];
    return { title: verify.done_title, paragraphs: [verify.done_without], ways };
  },
});

/** A forgotten password must not drop what the owner set: only the other button says that there is none. */
function proofOf({ without_password, password, ...proof }: Static<typeof VerificationForm>) {
  if (without_password !== undefined) return proof;
  if (password === undefined) throw missing('password');
  return { ...proof, password };
}

/** The second button of the form; Enter in an input uses the first one. */
function withoutPassword({ texts: { verify } }: View): Html {
  return html`<div class="other">
<p class="help" id="without-password-help">${verify.none_help}</p>
<button class="second" name="without_password" value="yes" aria-describedby="without-password-help">${verify.none}</button>
</div>
`;
}
