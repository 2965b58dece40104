import { computed, signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { send, signOut } from '../api.ts';
import { el, h } from '../el.ts';
import { go, hrefOf } from '../place.ts';
import { nameOf, resources } from '../resources.ts';
import { screens } from '../screens.ts';
import type { User } from '../types.ts';
import { Dialog } from './dialog.ts';
import type { Page } from './table.ts';
import { breaking, key } from './words.ts';

interface Find {
  label: string;
  kind: string;
  run: () => void;
}

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const TYPING_MS = 150;

export const isPaletteOpen = signal(false);

export function openPalette(): void {
  isPaletteOpen.value = true;
}

function closePalette(): void {
  isPaletteOpen.value = false;
}

const FIXED = computed((): Find[] => [
  ...screens.value.map(({ path, name }) => ({ label: name, kind: 'Screen', run: () => go(hrefOf(path)) })),
  { label: 'Create a user', kind: 'Action', run: () => go(hrefOf('/users/new')) },
  { label: 'Invite a user', kind: 'Action', run: () => go(hrefOf('/users/invite')) },
  { label: 'Import users', kind: 'Action', run: () => go(hrefOf('/users/import')) },
  { label: 'Disabled users', kind: 'Screen', run: () => go(hrefOf('/users', { is_active: 'false' })) },
  { label: 'Administrators', kind: 'Screen', run: () => go(hrefOf('/users', { role: 'admin' })) },
  { label: 'Failed sign-ins', kind: 'Screen', run: () => go(hrefOf('/audit', { event: 'login.failed' })) },
  { label: 'Dead mails', kind: 'Screen', run: () => go(hrefOf('/mails', { state: 'dead' })) },
  ...(resources.value ?? [])
    .filter(({ create }) => create !== null)
    .map((resource) => ({
      label: `Add to ${resource.title}`,
      kind: 'Action',
      run: () => go(hrefOf(`/data/${nameOf(resource)}/new`)),
    })),
  { label: 'Sign out', kind: 'Action', run: () => void signOut() },
]);

/** Finds screens, actions, users by words of their address or name, and what an id names. */
export function Palette(): VNode {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const users = useUsers(text.trim().toLowerCase());
  const finds = findsOf(text.trim().toLowerCase(), users);
  const run = (find: Find | undefined): void => {
    if (find === undefined) return;
    closePalette();
    find.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((before) => (before + step + finds.length) % Math.max(1, finds.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(finds[chosen]);
    }
  };
  return h(
    Dialog,
    { title: 'Find', onClose: closePalette },
    el.input({
      type: 'text',
      class: 'palette-input',
      role: 'combobox',
      'aria-label': 'Find a user, an id, a screen or an action',
      'aria-expanded': 'true',
      'aria-controls': 'finds',
      'aria-activedescendant': finds.length > 0 ? `find-${chosen}` : '',
      placeholder: 'User, id, screen or action',
      autocomplete: 'off',
      value: text,
      onInput: (event: Event) => {
        setText((event.currentTarget as HTMLInputElement).value);
        setChosen(0);
      },
      onKeyDown,
    }),
    el.ul(
      { id: 'finds', role: 'listbox', class: 'finds', 'aria-label': 'What is found' },
      finds.map((find, index) =>
        el.li(
          {
            key: `${find.kind} ${find.label}`,
            id: `find-${index}`,
            role: 'option',
            'aria-selected': index === chosen ? 'true' : 'false',
            onClick: () => run(find),
          },
          el.span(null, breaking(find.label)),
          el.span({ class: 'muted' }, find.kind),
        ),
      ),
    ),
    finds.length === 0 && el.p({ class: 'help', role: 'status' }, 'Nothing is found.'),
    el.p({ class: 'help' }, key('↑'), key('↓'), ' choose  ', key('Enter'), ' open  ', key('Esc'), ' close'),
  );
}

function findsOf(text: string, users: readonly User[]): Find[] {
  const named = FIXED.value.filter(({ label }) => text === '' || label.toLowerCase().includes(text));
  const byId = ID.test(text)
    ? [
        { label: text, kind: 'User', run: () => go(hrefOf(`/users/${text}`)) },
        { label: `What happened to ${text}`, kind: 'Audit', run: () => go(hrefOf('/audit', { subject_id: text })) },
      ]
    : [];
  const found = users.map(({ id, email }) => ({ label: email, kind: 'User', run: () => go(hrefOf(`/users/${id}`)) }));
  return [...byId, ...found, ...named].slice(0, 12);
}

/** The users whose address and name have words that begin so, once the typing rests. */
function useUsers(text: string): readonly User[] {
  const [found, setFound] = useState<{ text: string; users: readonly User[] }>({ text: '', users: [] });
  useEffect(() => {
    if (text.length < 2 || ID.test(text)) return;
    const timer = setTimeout(() => {
      send<Page<User>>({ method: 'GET', path: '/users', query: { q: text, limit: '6' } }).then(
        ({ items }) => setFound({ text, users: items }),
        // The list says less then, and the screen of the users says why.
        () => setFound({ text, users: [] }),
      );
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return found.text === text ? found.users : [];
}
