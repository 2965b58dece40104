const MARKUP = Symbol('markup');

/** Text that is HTML already. No value from outside can pose as it: JSON has no symbols. */
export interface Html {
  readonly [MARKUP]: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are escaped, unless `html` made them: html`<p>${name}</p>`. */
export function html(strings: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const markup = strings.reduce((text, string, index) => text + markupOf(values[index - 1] ?? '') + string);
  return { [MARKUP]: markup };
}

/** The text of finished HTML. */
export function markupOf(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
  // An array of Html has no such symbol, and nothing else has it.
  return MARKUP in value ? value[MARKUP] : value.map(markupOf).join('');
}
