import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { el, h } from '../el.ts';
import { Dialog } from './dialog.ts';
import { openPalette } from './palette.ts';
import { key } from './words.ts';

export const isHelpOpen = signal(false);

/** The keys of the console; none works while something is typed, but for Ctrl+K. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) openPalette();
      return;
    }
    if (event.key === 'Enter' && event.target instanceof Element && event.target.matches('[data-search]'))
      step(event, 1);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') !== null) return;
    if (event.key === '/') focusOn(event, '[data-search]');
    else if (event.key === '?') isHelpOpen.value = true;
    else if (event.key === 'j') step(event, 1);
    else if (event.key === 'k') step(event, -1);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea') !== null;
}

function focusOn(event: KeyboardEvent, selector: string): void {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) return;
  event.preventDefault();
  found.focus();
}

/** To the next or the former row. */
function step(event: KeyboardEvent, by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main .row-link')];
  if (rows.length === 0) return;
  event.preventDefault();
  const { activeElement } = document;
  const present = activeElement instanceof HTMLElement ? rows.indexOf(activeElement) : -1;
  const next = present === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, present + by));
  rows[next]?.focus();
}

function closeHelp(): void {
  isHelpOpen.value = false;
}

const KEYS = [
  ['Ctrl K', 'find a user, an id, a screen or an action'],
  ['/', 'search in the list'],
  ['Enter', 'open the row; in a search, go to the first row'],
  ['j', 'the next row'],
  ['k', 'the row before'],
  ['Esc', 'close a dialog'],
  ['?', 'this help'],
] as const;

export function Help(): VNode {
  return h(
    Dialog,
    { title: 'Keys', onClose: closeHelp },
    el.dl(
      { class: 'keys' },
      KEYS.map(([name, meaning]) =>
        el.div(
          { key: name },
          el.dt(
            null,
            name.split(' ').map((part) => key(part)),
          ),
          el.dd(null, meaning),
        ),
      ),
    ),
    el.button({ type: 'button', class: 'primary', onClick: closeHelp }, 'Close'),
  );
}
