import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { el } from '../el.ts';
import { PRODUCT } from '../place.ts';
import { breaking } from './words.ts';

/** The heading of a view with its actions. It takes the focus as the view opens, so that a screen reader says where one is. */
export function Head({
  title,
  up,
  marks,
  actions,
}: {
  title: string;
  /** The list that the view belongs to. */
  up?: readonly [name: string, href: string];
  marks?: ComponentChildren;
  actions?: ComponentChildren;
}): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return el.header(
    { class: 'head' },
    el.div(
      { class: 'title' },
      up !== undefined && el.a({ class: 'up', href: up[1] }, up[0]),
      el.h1({ ref: heading, tabIndex: -1 }, breaking(title)),
      marks !== undefined && el.p({ class: 'marks' }, marks),
    ),
    actions !== undefined && el.div({ class: 'actions' }, actions),
  );
}
