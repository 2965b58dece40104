import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { el } from '../el.ts';
import { icon } from './icon.ts';

export interface MenuItem {
  label: string;
  dangerous?: boolean;
  onChoose: () => void;
}

/** Actions behind a button. Escape, a choice and a click elsewhere close it. */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }): VNode {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = (): void => menu.current?.removeAttribute('open');
  useEffect(() => {
    const onClick = (event: MouseEvent): void => {
      if (event.target instanceof Node && !menu.current?.contains(event.target)) close();
    };
    document.addEventListener('click', onClick);
    return () => document.removeEventListener('click', onClick);
  }, []);
  return el.details(
    {
      ref: menu,
      class: 'menu',
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key !== 'Escape') return;
        close();
        menu.current?.querySelector('summary')?.focus();
      },
    },
    el.summary({ class: 'button' }, label, ' ', icon('more')),
    el.ul(
      null,
      items.map(({ label, dangerous, onChoose }) =>
        el.li(
          { key: label },
          el.button(
            {
              type: 'button',
              class: dangerous ? 'danger' : '',
              onClick: () => {
                close();
                menu.current?.querySelector('summary')?.focus();
                onChoose();
              },
            },
            label,
          ),
        ),
      ),
    ),
  );
}
