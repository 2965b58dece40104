import { SecondFactor } from '../../../app/schemas/auth/mfa.ts';
import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as mfa from '../../../app/services/auth/mfa.ts';
import { definePage, missing } from '../page.ts';
import { secondFactorForm } from './next-step.ts';

const SecondFactorForm = Type.Object(SecondFactor.properties, { ...closed, title: 'SecondFactorForm' });

export const secondFactorPage = definePage({
  path: 'second-factor',
  opened_by: 'sign-in',
  body: SecondFactorForm,
  errors: ['invalid_credentials', 'mfa_token_invalid', 'account_disabled', 'rate_limited'],
  message: ({ second_factor }) => ({ title: second_factor.title, paragraphs: [second_factor.text] }),
  form: (view) => secondFactorForm(view, view.values.mfa_token ?? ''),
  ways: ({ texts }) => [{ label: texts.second_factor.again, page: 'sign-in' }],
  submit: async ({ ctx, view }, body) => {
    if (body.code === undefined && body.recovery_code === undefined && body.credential === undefined)
      throw missing('code');
    return { goTo: view.next, session: await mfa.signIn(ctx, body) };
  },
});
