import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { enter, sendOpenly } from '../api.ts';
import { el, h } from '../el.ts';
import { Form, type Values } from '../parts/form.ts';

interface Factor {
  id: string;
  secret: string;
  otpauth_uri: string;
  qr_svg: string;
}

interface Activated {
  recovery_codes: readonly string[];
}

/** The first second factor of an account that must have one; it ends in a session. */
export function Enrollment({ token, onBack }: { token: string; onBack: () => void }): VNode {
  const [factor, setFactor] = useState<Factor>();
  const [done, setDone] = useState<Activated>();
  if (done !== undefined) return h(RecoveryCodes, done);
  return el.div(
    null,
    factor === undefined
      ? h(
          Form,
          {
            key: 'begin',
            fields: [],
            submit: 'Set up an authenticator app',
            onSubmit: async () =>
              setFactor(
                await sendOpenly<Factor>({ method: 'POST', path: '/auth/me/factors', body: { type: 'totp' } }, token),
              ),
          },
          el.p(null, 'This account must have a second factor, and has none yet.'),
        )
      : h(
          Form,
          {
            key: 'code',
            fields: [
              {
                ...{ name: 'code', label: 'Code of your authenticator app', required: true, help: 'Six digits.' },
                ...{ autocomplete: 'one-time-code', inputMode: 'numeric' },
              },
            ],
            submit: 'Go on',
            onSubmit: async (body: Values) => {
              const path = `/auth/me/factors/${factor.id}/activate`;
              setDone(await sendOpenly<Activated>({ method: 'POST', path, body }, token));
            },
          },
          h(Secret, factor),
        ),
    el.div(
      { class: 'ways' },
      el.button({ type: 'button', class: 'link', onClick: onBack }, 'Sign in with another account'),
    ),
  );
}

function Secret({ secret, otpauth_uri, qr_svg }: Factor): VNode {
  return el.div(
    null,
    el.p(null, 'Scan the picture with your authenticator app, or type the key into it.'),
    el.a(
      { href: otpauth_uri },
      el.img({
        class: 'qr',
        src: `data:image/svg+xml,${encodeURIComponent(qr_svg)}`,
        alt: 'The key as a QR code',
        width: 200,
        height: 200,
      }),
    ),
    el.p(null, el.code(null, secret.replaceAll(/(.{4})(?=.)/g, '$1 '))),
  );
}

/** They are shown this once. */
function RecoveryCodes({ recovery_codes }: Activated): VNode {
  return h(
    Form,
    { fields: [], submit: 'I have kept them', onSubmit: enter },
    el.strong(null, 'Recovery codes'),
    el.p(null, 'Each of them is good once in place of the app. They are not shown again.'),
    el.ul(
      { class: 'codes' },
      recovery_codes.map((code) => el.li({ key: code }, el.code(null, code))),
    ),
  );
}
