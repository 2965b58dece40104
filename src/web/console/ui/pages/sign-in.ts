import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { CallError, enter, type Refusal, sendOpenly } from '../api.ts';
import { el, h } from '../el.ts';
import { Form, type Values } from '../parts/form.ts';
import { API_ROOT, PRODUCT } from '../place.ts';
import { Enrollment } from './enrollment.ts';

interface Pair {
  access_token: string;
}

/** What a sign-in waits for: the password, a second factor, or the first one of an account that must have one. */
type Step = { is: 'password' } | { is: 'factor' | 'enrollment'; refusal: Refusal };

/** Signs in by password, and by a second factor if the account has one. */
export function SignIn({ email }: { email?: string }): VNode {
  const [step, setStep] = useState<Step>({ is: 'password' });
  if (step.is === 'enrollment')
    return h(Enrollment, { token: step.refusal.mfa_token ?? '', onBack: () => setStep({ is: 'password' }) });
  if (step.is === 'factor')
    return h(FactorForm, { key: 'factor', refusal: step.refusal, onBack: () => setStep({ is: 'password' }) });
  return h(Form, {
    key: 'password',
    fields: [
      {
        name: 'email',
        label: 'E-mail address',
        type: 'email',
        autocomplete: 'username',
        required: true,
        value: email ?? '',
      },
      { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', required: true },
    ],
    submit: 'Sign in',
    onSubmit: async (values: Values) => {
      try {
        await enter(await sendOpenly<Pair>({ method: 'POST', path: '/auth/login', body: values }));
      } catch (error) {
        const refusal = error instanceof CallError ? error.refusal : undefined;
        if (refusal?.code === 'mfa_required') setStep({ is: 'factor', refusal });
        else if (refusal?.code === 'mfa_enrollment_required') setStep({ is: 'enrollment', refusal });
        else throw error;
      }
    },
  });
}

function FactorForm({ refusal, onBack }: { refusal: Refusal; onBack: () => void }): VNode {
  const [isRecovery, setRecovery] = useState(false);
  const name = isRecovery ? 'recovery_code' : 'code';
  const field = isRecovery
    ? { name, label: 'Recovery code', required: true, help: 'One of the ten codes that you kept. It is good once.' }
    : {
        ...{ name, label: 'Code of your authenticator app', required: true, autocomplete: 'one-time-code' },
        ...{ inputMode: 'numeric' as const, help: 'Six digits.' },
      };
  return el.div(
    null,
    h(Form, {
      key: name,
      fields: [field],
      submit: 'Go on',
      onSubmit: async (values: Values) => {
        const body = { mfa_token: refusal.mfa_token, ...values };
        await enter(await sendOpenly<Pair>({ method: 'POST', path: '/auth/mfa', body }));
      },
    }),
    el.div(
      { class: 'ways' },
      refusal.recovery_codes &&
        el.button(
          { type: 'button', class: 'link', onClick: () => setRecovery(!isRecovery) },
          isRecovery ? 'Use the authenticator app' : 'Use a recovery code',
        ),
      el.button({ type: 'button', class: 'link', onClick: onBack }, 'Sign in with another account'),
    ),
  );
}

/** The page of those who are not signed in. */
export function SignInPage({ title, children }: { title: string; children?: VNode }): VNode {
  return el.main(
    { class: 'door' },
    el.p({ class: 'muted' }, PRODUCT),
    el.h1(null, title),
    children ?? [
      h(SignIn, {}),
      el.p({ class: 'help' }, el.a({ href: `${API_ROOT}/account/forgot-password` }, 'Forgot your password?')),
    ],
  );
}
