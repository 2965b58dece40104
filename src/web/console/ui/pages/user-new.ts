import type { VNode } from 'preact';
import { type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { type Field, Form, type Values } from '../parts/form.ts';
import { Head } from '../parts/head.ts';
import { toast } from '../parts/toasts.ts';
import { go, hrefOf } from '../place.ts';
import type { User } from '../types.ts';

const WHO: readonly Field[] = [
  { name: 'email', label: 'E-mail address', type: 'email', required: true, maxLength: 254 },
  { name: 'name', label: 'Name', maxLength: 200 },
  {
    name: 'role',
    label: 'Role',
    type: 'choice',
    required: true,
    value: 'user',
    choices: [
      ['user', 'user'],
      ['admin', 'administrator'],
    ],
  },
];
const PASSWORD: Field = {
  ...{ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', required: true },
  help: 'The user can change it. An invitation lets the user choose one instead.',
};

/** Opens an account with a password. */
export function UserNew(): VNode {
  return h(AccountForm, {
    title: 'Create a user',
    text: 'The user can sign in at once with the password that you set.',
    fields: [...WHO, PASSWORD],
    submit: 'Create the user',
    path: '/users',
    said: 'is created',
  });
}

/** Opens an account whose owner sets the password by a mailed link. */
export function UserInvite(): VNode {
  return h(AccountForm, {
    title: 'Invite a user',
    text: 'A mail with a link goes to the address. Its reader chooses the password. The link is good for some days; a second invitation replaces it.',
    fields: WHO,
    submit: 'Send the invitation',
    path: '/users/invitations',
    said: 'is invited',
  });
}

function AccountForm({
  title,
  text,
  fields,
  submit,
  path,
  said,
}: {
  title: string;
  text: string;
  fields: readonly Field[];
  submit: string;
  path: string;
  said: string;
}): VNode {
  const callOf = (values: Values): Call => ({
    ...{ method: 'POST', path },
    body: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')),
  });
  return el.div(
    null,
    h(Head, { title, up: ['Users', hrefOf('/users')] }),
    el.div(
      { class: 'narrow' },
      h(
        Form,
        {
          ...{ fields, submit },
          callOf: (values: Values) => callOf(values.password ? { ...values, password: '…' } : values),
          onSubmit: async (values: Values) => {
            const user = await send<User>(callOf(values));
            toast(`${user.email} ${said}`);
            go(hrefOf(`/users/${user.id}`));
          },
        },
        el.p(null, text),
      ),
    ),
  );
}
