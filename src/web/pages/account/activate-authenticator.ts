import { FactorCode } from '../../../app/schemas/auth/factors.ts';
import { SecondFactor } from '../../../app/schemas/auth/mfa.ts';
import { closed, Id } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as enrollment from '../../../app/services/auth/enrollment.ts';
import * as factorActivation from '../../../app/services/auth/factor-activation.ts';
import type { TokenPair } from '../../../app/services/auth/token-pair.ts';
import { definePage, visitorOf } from '../page.ts';
import { activationForm } from './authenticator-secret.ts';
import { recoveryCodeList } from './recovery-codes.ts';

const ActivationForm = Type.Object(
  { factor_id: Id, code: FactorCode, mfa_token: Type.Optional(SecondFactor.properties.mfa_token) },
  { ...closed, title: 'ActivationForm' },
);

/** The first code of an app: of a person who is signed in, or who must set one up to sign in. */
export const activateAuthenticatorPage = definePage({
  path: 'activate-authenticator',
  opened_by: 'add-authenticator',
  body: ActivationForm,
  errors: [
    'factor_not_found',
    'invalid_credentials',
    'mfa_token_invalid',
    'session_ended',
    'account_disabled',
    'rate_limited',
  ],
  message: ({ add_authenticator }) => ({ title: add_authenticator.title, paragraphs: [add_authenticator.code] }),
  form: (view) => {
    const { factor_id = '', mfa_token } = view.values;
    return activationForm(view, { factor_id, mfa_token });
  },
  submit: async (visit, { factor_id, code, mfa_token }) => {
    const { ctx, view } = visit;
    const actor = mfa_token === undefined ? visitorOf(visit) : await enrollment.authenticate(ctx, mfa_token);
    const { recovery_codes, ...pair } = await factorActivation.activate(ctx, actor, { id: factor_id, code });
    const { add_authenticator, recovery_codes: texts, account } = view.texts;
    const codes = recovery_codes.length > 0;
    return {
      title: add_authenticator.done_title,
      paragraphs: [add_authenticator.done, ...(codes ? [texts.text] : [])],
      ...(codes && { content: recoveryCodeList(recovery_codes) }),
      ways: [{ label: account.title, page: view.next }],
      ...(isPair(pair) && { session: pair }),
    };
  },
});

/** A sign-in that had to set a factor up ends with it. */
function isPair(pair: Partial<TokenPair>): pair is TokenPair {
  return pair.refresh_token !== undefined;
}
