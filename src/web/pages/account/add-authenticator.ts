import { FactorCreate } from '../../../app/schemas/auth/factors.ts';
import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as factors from '../../../app/services/auth/factors.ts';
import { field, form, submit } from '../fields.ts';
import { definePage, visitorOf } from '../page.ts';
import { secretStep } from './authenticator-secret.ts';

const FactorForm = Type.Object({ name: FactorCreate.properties.name }, { ...closed, title: 'FactorForm' });

export const addAuthenticatorPage = definePage({
  path: 'add-authenticator',
  access: 'fresh',
  body: FactorForm,
  errors: ['email_unverified', 'factor_limit'],
  message: ({ add_authenticator }) => ({ title: add_authenticator.title, paragraphs: [add_authenticator.text] }),
  form: (view) => {
    const { labels, add_authenticator } = view.texts;
    const { factor_name: label, factor_name_help: help } = labels;
    return form(
      field(view, { name: 'name', label, help, autocomplete: 'off', optional: true }),
      submit(add_authenticator.button),
    );
  },
  submit: async (visit, { name }) => {
    const enrolled = await factors.enrol(visit.ctx, visitorOf(visit), { type: 'totp', ...(name && { name }) });
    return secretStep(visit.view, enrolled);
  },
});
