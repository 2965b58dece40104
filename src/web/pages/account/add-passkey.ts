import { PasskeyCreate } from '../../../app/schemas/auth/passkeys.ts';
import * as passkeyCreation from '../../../app/services/auth/passkey-creation.ts';
import { AppError } from '../../../app/utils/errors.ts';
import { html } from '../../../app/utils/html.ts';
import { field } from '../fields.ts';
import { definePage, type Visit, visitorOf } from '../page.ts';
import { passkeyForm, passkeyNote } from '../passkey-form.ts';

export const addPasskeyPage = definePage({
  path: 'add-passkey',
  access: 'fresh',
  body: PasskeyCreate,
  errors: ['invalid_credentials', 'email_unverified', 'passkey_limit', 'passkey_taken'],
  sentenceOf: { invalid_credentials: 'passkey_failed' },
  message: ({ passkeys }) => ({ title: passkeys.add, paragraphs: [passkeys.text] }),
  read: async (visit) => optionsOf(visit),
  form: (view, asked) => {
    const { problems, labels, passkeys } = view.texts;
    if (typeof asked === 'string')
      return html`<p class="note">${problems[asked]}</p>
`;
    const name = { name: 'name', label: labels.passkey_name, autocomplete: 'off', optional: true } as const;
    return html`${passkeyNote(view)}${passkeyForm(
      view,
      { kind: 'create', page: 'add-passkey', asked, label: passkeys.add },
      field(view, name),
    )}`;
  },
  ways: ({ texts }) => [{ label: texts.passkeys.title, page: 'passkeys' }],
  submit: async (visit, body) => {
    await passkeyCreation.add(visit.ctx, visitorOf(visit), body);
    return { goTo: 'passkeys' };
  },
});

/** What the browser makes a passkey by, or why the account gets none now. */
async function optionsOf(visit: Visit) {
  try {
    return await passkeyCreation.options(visit.ctx, visitorOf(visit));
  } catch (error) {
    if (error instanceof AppError && (error.code === 'email_unverified' || error.code === 'passkey_limit'))
      return error.code;
    throw error;
  }
}
