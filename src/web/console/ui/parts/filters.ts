import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { el } from '../el.ts';
import { go, hrefWith, query, replace } from '../place.ts';
import { icon } from './icon.ts';

const TYPING_MS = 200;

/** A text that narrows a list, kept in the address. `/` leads to it. */
export function SearchBox({ name, label }: { name: string; label: string }): VNode {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return el.label(
    { class: 'search' },
    icon('search'),
    el.span({ class: 'unseen' }, label),
    el.input({
      type: 'search',
      placeholder: label,
      defaultValue: query.value.get(name) ?? '',
      autocomplete: 'off',
      'data-search': '',
      onInput: (event: Event) => {
        const { value } = event.currentTarget as HTMLInputElement;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => replace(hrefWith({ [name]: value.trim(), cursor: undefined })), TYPING_MS);
      },
    }),
  );
}

/** One of a few words that narrows a list. */
export function Choice({
  name,
  label,
  choices,
  none = 'any',
}: {
  name: string;
  label: string;
  choices: readonly (readonly [value: string, label: string])[];
  /** What is shown if none is chosen. */
  none?: string;
}): VNode {
  const chosen = query.value.get(name) ?? '';
  return el.label(
    { class: 'choice' },
    el.span(null, label),
    el.select(
      {
        onChange: (event: Event) =>
          go(hrefWith({ [name]: (event.currentTarget as HTMLSelectElement).value, cursor: undefined })),
      },
      [['', none] as const, ...choices].map(([value, word]) =>
        el.option({ key: value, value, selected: value === chosen }, word),
      ),
    ),
  );
}

/** A day that narrows a list. */
export function Day({ name, label }: { name: string; label: string }): VNode {
  return el.label(
    { class: 'choice' },
    el.span(null, label),
    el.input({
      type: 'date',
      value: (query.value.get(name) ?? '').slice(0, 10),
      onChange: (event: Event) => {
        const { value } = event.currentTarget as HTMLInputElement;
        go(hrefWith({ [name]: value === '' ? undefined : `${value}T00:00:00Z`, cursor: undefined }));
      },
    }),
  );
}
