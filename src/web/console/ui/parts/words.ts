import { signal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { el } from '../el.ts';
import { exactTime, relativeTime } from '../time.ts';
import { toast } from './toasts.ts';

export type Tone = 'ok' | 'warn' | 'danger' | 'plain';

const SIGNS: Readonly<Record<Tone, string>> = { ok: '●', warn: '▲', danger: '■', plain: '○' };
const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 30_000);

/** A state as a word and a shape. */
export function mark(tone: Tone, word: string): VNode {
  return el.span({ class: `mark ${tone}` }, el.span({ 'aria-hidden': 'true' }, SIGNS[tone]), ` ${word}`);
}

/** How long ago, with the moment itself on focus and under the pointer. */
export function Time({ at }: { at: string | null }): VNode {
  if (at === null) return el.span({ class: 'muted' }, 'never');
  return el.time({ dateTime: at, title: exactTime(at), class: 'time' }, relativeTime(at, now.value));
}

const SHORT = 24;

/** A text with long names and addresses, which a narrow column breaks behind their dots and their `@`. */
export function breaking(text: string): ComponentChildren {
  if (text.length <= SHORT) return text;
  return text.split(/(?<=[.@])/).map((part) => [part, el.wbr(null)]);
}

/** A name in code that may break. */
export function dotted(name: string): VNode {
  return el.code(null, breaking(name));
}

/** A text of which a table shows two lines, and the rest under the pointer. */
export function details(text: string): VNode {
  return el.span({ class: 'details', title: text }, text);
}

/** An id, shortened in the middle; a click copies it. */
export function Id({ id }: { id: string }): VNode {
  return el.button(
    {
      type: 'button',
      class: 'id',
      title: id,
      'aria-label': `${shortened(id)}, copy ${id}`,
      onClick: () => copy(id, 'The id is copied'),
    },
    short(id),
  );
}

/** An id without its middle, in one line. */
export function short(id: string): VNode {
  return el.span({ class: 'time' }, shortened(id));
}

function shortened(id: string): string {
  return `${id.slice(0, 8)}…${id.slice(-4)}`;
}

export async function copy(text: string, said: string): Promise<void> {
  await navigator.clipboard.writeText(text).then(
    () => toast(said),
    () => toast('The browser does not let the console copy'),
  );
}

/** A key on the keyboard. */
export function key(name: string): VNode {
  return el.kbd(null, name);
}

/** A section of a page with its heading, and how many stand in it. */
export function Section({
  title,
  count,
  actions,
  children,
}: {
  title: string;
  count?: string | undefined;
  actions?: ComponentChildren;
  children?: ComponentChildren;
}): VNode {
  const id = `section-${title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return el.section(
    { 'aria-labelledby': id },
    el.div(
      { class: 'section-head' },
      el.h2({ id }, title, count !== undefined && el.span({ class: 'count' }, ` ${count}`)),
      actions,
    ),
    children,
  );
}

/** Facts as names and values. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }): VNode {
  return el.dl(
    { class: 'facts' },
    facts.map(([name, value]) => el.div({ key: name }, el.dt(null, name), el.dd(null, value))),
  );
}
