import { type Html, html } from '../../app/utils/html.ts';
import type { View } from './page.ts';

/** One input with its label. */
export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  autocomplete: string;
  /** Stands under the label, before a mistake is made. */
  help?: string;
  inputmode?: 'numeric';
  optional?: true;
}

/** A form that posts to its own page. */
export function form(...content: readonly (Html | readonly Html[])[]): Html {
  return html`<form method="post" novalidate>
${content.flat()}</form>`;
}

/** A form that another page goes on with, or a second one on a page. */
export function formTo(path: string, ...content: readonly (Html | readonly Html[])[]): Html {
  return html`<form method="post" action="${path}" novalidate>
${content.flat()}</form>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">
`;
}

/** The button that posts the form. */
export function submit(label: string): Html {
  return html`<button type="submit">${label}</button>
`;
}

export function emailField(view: View): Html {
  const { texts } = view;
  return field(view, { name: 'email', label: texts.labels.email, type: 'email', autocomplete: 'username webauthn' });
}

export function newPasswordField(view: View, name = 'password'): Html {
  const { new_password: label, new_password_help: help } = view.texts.labels;
  return field(view, { name, label, help, type: 'password', autocomplete: 'new-password' });
}

export function passwordField(view: View, name = 'password'): Html {
  const { password, current_password } = view.texts.labels;
  const label = name === 'password' ? password : current_password;
  return field(view, { name, label, type: 'password', autocomplete: 'current-password' });
}

/** The six digits of an authenticator app. */
export function appCodeField(view: View): Html {
  const { app_code: label, app_code_help: help } = view.texts.labels;
  return field(view, { name: 'code', label, help, autocomplete: 'one-time-code', inputmode: 'numeric' });
}

/**
 * The two forms of a proof: the script puts the link's token into the hidden input and takes the code away. Without script, or
 * without a token in the address, the code and its address are asked for.
 */
export function proofFields(view: View): Html {
  const { labels, no_script } = view.texts;
  const code: Field = { name: 'code', label: labels.code, help: labels.code_help, autocomplete: 'one-time-code' };
  return html`${tokenInput(view)}<div data-without-token${isProved(view) ? ' hidden' : ''}>
<noscript><p class="note">${no_script}</p></noscript>
${emailField(view)}${field(view, { ...code, inputmode: 'numeric' })}</div>
`;
}

/** The proof of a link that has no code: without script its address is pasted. */
export function linkFields(view: View): Html {
  const { labels, no_script_link } = view.texts;
  const link: Field = { name: 'link', label: labels.link, help: labels.link_help, autocomplete: 'off' };
  return html`${tokenInput(view)}<div data-without-token${isProved(view) ? ' hidden' : ''}>
<noscript><p class="note">${no_script_link}</p></noscript>
${field(view, link)}</div>
`;
}

/** One input, with its label above it, and under the label what it takes and what was wrong. */
export function field(
  view: View,
  { name, label, type = 'text', autocomplete, help, inputmode, optional }: Field,
): Html {
  const { problems, values, texts } = view;
  const problem = problems.find(({ field }) => field === name);
  const described = [help && `${name}-help`, problem && `${name}-problem`].filter(Boolean).join(' ');
  const attributes = [
    ...(type === 'email' || type === 'text' ? [html` autocapitalize="none" spellcheck="false"`] : []),
    ...(inputmode ? [html` inputmode="${inputmode}"`] : []),
    ...(optional ? [] : [html` required`]),
    ...(described === '' ? [] : [html` aria-describedby="${described}"`]),
    ...(problem ? [html` aria-invalid="true"`] : []),
  ];
  const value = type === 'password' ? [] : html` value="${values[name] ?? ''}"`;
  const input = html`<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"${value}${attributes}>`;
  const { show, hide } = texts.labels;
  return html`<div class="field">
<label for="${name}">${label}</label>
${help ? html`<p class="help" id="${name}-help">${help}</p>` : []}
${problem ? html`<p class="problem" id="${name}-problem">${problem.text}</p>` : []}
${type === 'password' ? html`<div class="secret">${input}<button type="button" class="reveal" hidden aria-controls="${name}" aria-pressed="false" aria-label="${show}: ${label}" data-show="${show}" data-hide="${hide}">${show}</button></div>` : input}
</div>
`;
}

/** A form that comes back has its token still. */
function tokenInput({ values }: View): Html {
  return html`<input type="hidden" name="token" value="${values.token ?? ''}">
`;
}

function isProved({ values }: View): boolean {
  return (values.token ?? '') !== '';
}
