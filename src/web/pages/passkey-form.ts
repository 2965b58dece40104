import { type Html, html } from '../../app/utils/html.ts';
import { hidden } from './fields.ts';
import type { View } from './page.ts';

/** What a browser is asked by, as the API gives it. */
interface Asked {
  challenge_id: string;
  options: object;
}

/**
 * A form that the script fills in with the browser's answer, and shows only if the browser knows passkeys. `autofill`: the
 * browser offers them in the input of the address as well.
 */
export function passkeyForm(
  { texts, pathOf, next }: View,
  {
    kind,
    page,
    asked,
    label,
    autofill,
  }: { kind: 'create' | 'get'; page: string; asked: Asked; label: string; autofill?: true },
  ...content: readonly (Html | readonly Html[])[]
): Html {
  const second = kind === 'get' ? html` class="second"` : [];
  return html`<form method="post" action="${pathOf(page, next)}" hidden data-passkey="${kind}"${autofill ? html` data-autofill` : []} data-options="${JSON.stringify(asked.options)}" novalidate>
${hidden('challenge_id', asked.challenge_id)}${hidden('credential', '')}${content.flat()}<p class="problem" role="alert" hidden>${texts.problems.passkey_failed}</p>
<button type="submit"${second}>${label}</button>
</form>
`;
}

/** Says what is missing, until the script finds that nothing is. */
export function passkeyNote({ texts }: View): Html {
  return html`<p class="note" data-without-passkey>${texts.passkeys.needs_script}</p>
`;
}
