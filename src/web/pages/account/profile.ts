import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as account from '../../../app/services/auth/account.ts';
import { html } from '../../../app/utils/html.ts';
import { LOCALES } from '../../../app/utils/locales.ts';
import { field, form, submit } from '../fields.ts';
import { definePage, type View, type Visitor, visitorOf } from '../page.ts';
import { LANGUAGES } from '../texts.ts';

/** An input that is left empty takes the value away. */
const ProfileForm = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 200 })),
    locale: Type.Optional(Type.Union(LOCALES.map((locale) => Type.Literal(locale)))),
  },
  { ...closed, title: 'ProfileForm' },
);

export const profilePage = definePage({
  path: 'profile',
  access: 'signed_in',
  body: ProfileForm,
  errors: [],
  message: ({ profile }) => ({ title: profile.title, paragraphs: [] }),
  read: async (visit): Promise<Visitor> => visitorOf(visit).user,
  form: (view, user) => {
    const { labels, profile } = view.texts;
    const values = { name: user.name ?? '', locale: user.locale ?? '', ...view.values };
    const name = field({ ...view, values }, { name: 'name', label: labels.name, autocomplete: 'name', optional: true });
    return form(name, languageField(view, values.locale), submit(profile.button));
  },
  submit: async (visit, { name = null, locale = null }) => {
    await account.update(visit.ctx, visitorOf(visit), { name, locale });
    return { goTo: '' };
  },
});

function languageField({ texts: { labels } }: View, chosen: string) {
  const options = LOCALES.map(
    (locale) => html`<option value="${locale}"${locale === chosen ? html` selected` : []}>${LANGUAGES[locale]}</option>
`,
  );
  return html`<div class="field">
<label for="locale">${labels.mail_language}</label>
<select id="locale" name="locale">
<option value="">${labels.no_language}</option>
${options}</select>
</div>
`;
}
