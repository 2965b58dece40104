import type { EnrolledFactor } from '../../../app/services/auth/factors.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { appCodeField, formTo, hidden, submit } from '../fields.ts';
import type { Outcome, View } from '../page.ts';

/** The secret of an app that is not active yet, as a picture and as text; its first code goes to the next page. */
export function secretStep(
  view: View,
  { id, secret, otpauth_uri, qr_svg, mfa_token }: EnrolledFactor & { mfa_token?: string },
): Outcome {
  const { title, scan, by_hand, picture } = view.texts.add_authenticator;
  const image = `data:image/svg+xml;base64,${Buffer.from(qr_svg).toString('base64')}`;
  const content = html`<p><a href="${otpauth_uri}"><img class="qr" src="${image}" alt="${picture}" width="232" height="232"></a></p>
<p>${by_hand} <code>${spaced(secret)}</code></p>
${activationForm(view, { factor_id: id, mfa_token })}`;
  return { title, paragraphs: [scan], content };
}

export function activationForm(
  view: View,
  { factor_id, mfa_token }: { factor_id: string; mfa_token: string | undefined },
): Html {
  return formTo(
    view.pathOf('activate-authenticator', view.next),
    hidden('factor_id', factor_id),
    mfa_token === undefined ? [] : hidden('mfa_token', mfa_token),
    appCodeField(view),
    submit(view.texts.add_authenticator.activate),
  );
}

function spaced(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}
