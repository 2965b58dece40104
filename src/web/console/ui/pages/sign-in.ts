import { ApiError } from 'back-client';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { enter, sendOpenly } from '../api.ts';
import { el, h } from '../el.ts';
import { Form, type Values } from '../parts/form.ts';
import { API_ROOT, PRODUCT } from '../place.ts';
import { Enrollment } from './enrollment.ts';

type Problem = ApiError['problem'];

/** What a sign-in waits for: the password, a second factor, or the first one of an account that must have one. */
type Step = { is: 'password' } | { is: 'factor' | 'enrollment'; problem: Problem };

/** Signs in by password, and by a second factor if the account has one. */
export function SignIn({ email }: { email?: string }): VNode {
  const [step, setStep] = useState<Step>({ is: 'password' });
  if (step.is === 'enrollment')
    return h(Enrollment, { token: step.problem.mfa_token ?? '', onBack: () => setStep({ is: 'password' }) });
  if (step.is === 'factor')
    return h(FactorForm, { key: 'factor', problem: step.problem, onBack: () => setStep({ is: 'password' }) });
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
        await sendOpenly({ method: 'POST', path: '/auth/login', body: values });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { code, problem } = error;
        if (code === 'mfa_required') return setStep({ is: 'factor', problem });
        if (code === 'mfa_enrollment_required') return setStep({ is: 'enrollment', problem });
        throw error;
      }
      await enter();
    },
  });
}

function FactorForm({ problem, onBack }: { problem: Problem; onBack: () => void }): VNode {
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
        const body = { mfa_token: problem.mfa_token, ...values };
        await sendOpenly({ method: 'POST', path: '/auth/mfa', body });
        await enter();
      },
    }),
    el.div(
      { class: 'ways' },
      problem.recovery_codes &&
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
