import type { RequestContext } from '../../../app/context.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import type { View } from '../page.ts';

/** The path of the page that leads to a provider, or on from it. */
export function providerPath({ pathOf, next }: View, query: Readonly<Record<string, string>>): string {
  const path = pathOf('provider', next);
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`;
}

/** A link to each provider that is configured. They are no forms: a form may not lead to another host. */
export function providerLinks(view: View, { list }: RequestContext['providers']): Html | Html[] {
  const links = list().map(
    ({ id, label }) =>
      html`<a class="button second" href="${providerPath(view, { provider: id })}">${view.texts.provider.continue_with(label)}</a>
`,
  );
  return links.length === 0
    ? []
    : html`<div class="providers">
${links}</div>
`;
}

/** The provider's name, as people know it; its id if it is configured no longer. */
export function labelOf({ list }: RequestContext['providers'], id: string): string {
  return list().find((provider) => provider.id === id)?.label ?? id;
}
