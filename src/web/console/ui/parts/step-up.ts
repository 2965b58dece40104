import type { VNode } from 'preact';
import { account, isEnded, question, send, signOut } from '../api.ts';
import { el, h } from '../el.ts';
import { SignIn } from '../pages/sign-in.ts';
import { Dialog } from './dialog.ts';
import { Form, type Values } from './form.ts';

/** What a call in progress asks for; the view behind it keeps all that was typed. */
export function Questions(): VNode | null {
  if (isEnded.value) return h(Ended, {});
  const asked = question.value;
  if (asked === undefined) return null;
  const byCode = asked.methods.includes('totp');
  return h(
    Dialog,
    { title: 'Is it still you?', onClose: () => asked.answer(false) },
    h(
      Form,
      {
        fields: [
          byCode
            ? {
                name: 'code',
                label: 'Code of your authenticator app',
                required: true,
                autocomplete: 'one-time-code',
                inputMode: 'numeric',
              }
            : {
                name: 'password',
                label: 'Password',
                type: 'password',
                required: true,
                autocomplete: 'current-password',
              },
        ],
        submit: 'Go on',
        onCancel: () => asked.answer(false),
        onSubmit: async (values: Values) => {
          await send({ method: 'POST', path: '/auth/me/reauthenticate', body: values });
          asked.answer(true);
        },
      },
      el.p(null, 'This action asks for a proof that is not older than five minutes.'),
    ),
  );
}

function Ended(): VNode {
  return h(
    Dialog,
    { title: 'Your session has ended', onClose: () => void signOut() },
    el.p(null, 'Sign in again to go on where you are. Nothing of what you typed is lost.'),
    h(SignIn, { email: account.value?.email ?? '' }),
  );
}
