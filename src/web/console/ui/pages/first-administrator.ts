import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { enter, sendOpenly } from '../api.ts';
import { el, h } from '../el.ts';
import { Form, type Values } from '../parts/form.ts';
import { go, hrefOf } from '../place.ts';

/** The page that the link in the log leads to, for as long as there is no administrator. */
export function FirstAdministrator(): VNode {
  const token = useMemo(takeToken, []);
  if (token === null)
    return el.main(
      { class: 'door' },
      el.h1(null, 'Make the first administrator'),
      el.p(null, 'This page needs the link that the log has, with all that follows the sign #.'),
      el.p(null, 'Without it, type ', el.code(null, 'npx back create-admin you@example.com'), '.'),
    );
  return el.main(
    { class: 'door' },
    el.h1(null, 'Make the first administrator'),
    h(Form, {
      fields: [
        { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', required: true },
        { name: 'name', label: 'Name', autocomplete: 'name', maxLength: 200 },
        {
          ...{ name: 'password', label: 'Password', type: 'password' as const, autocomplete: 'new-password' },
          ...{ required: true, help: 'Long rather than odd: several words are good.' },
        },
      ],
      submit: 'Make the administrator',
      onSubmit: async ({ email = '', name = '', password = '' }: Values) => {
        const body = { token, email, password, ...(name !== '' && { name }) };
        await sendOpenly({ method: 'POST', path: '/console/first-administrator', body });
        await sendOpenly({ method: 'POST', path: '/auth/login', body: { email, password } });
        await enter();
        go(hrefOf('/'));
      },
    }),
  );
}

/** The token of the address, which it leaves: neither the bar nor the history keeps it. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  return token;
}
