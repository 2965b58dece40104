import type { VNode } from 'preact';
import type { Call } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Choice, SearchBox } from '../parts/filters.ts';
import { Head } from '../parts/head.ts';
import { type Column, type Page, PagedTable } from '../parts/table.ts';
import { breaking, mark, Time } from '../parts/words.ts';
import { hrefOf, query } from '../place.ts';
import type { User } from '../types.ts';

const COLUMNS: readonly Column<User>[] = [
  { name: 'Address', cell: ({ email }) => breaking(email) },
  { name: 'Name', cell: ({ name }) => name ?? '–' },
  { name: 'Role', cell: ({ role }) => (role === 'admin' ? mark('warn', 'administrator') : 'user') },
  { name: 'State', cell: ({ is_active }) => (is_active ? mark('ok', 'active') : mark('danger', 'disabled')) },
  {
    name: 'Mailbox',
    minor: true,
    cell: ({ email_verified }) => (email_verified ? mark('ok', 'verified') : mark('plain', 'not verified')),
  },
  { name: 'Since', minor: true, cell: ({ created_at }) => h(Time, { at: created_at }) },
];

/** All accounts, the newest first. */
export function Users(): VNode {
  const given = Object.fromEntries(query.value);
  const call: Call = { method: 'GET', path: '/users', query: { limit: '50', ...given } };
  const loaded = useCall<Page<User>>(call);
  const isNarrowed = Object.keys(given).length > 0;
  return el.div(
    null,
    h(Head, {
      title: 'Users',
      actions: [
        el.a({ class: 'button', href: hrefOf('/users/import') }, 'Import'),
        el.a({ class: 'button', href: hrefOf('/users/invite') }, 'Invite'),
        el.a({ class: 'button primary', href: hrefOf('/users/new') }, 'Create user'),
      ],
    }),
    el.div(
      { class: 'filters' },
      h(SearchBox, { name: 'q', label: 'Find by address or name' }),
      h(Choice, {
        name: 'role',
        label: 'Role',
        choices: [
          ['user', 'user'],
          ['admin', 'administrator'],
        ],
      }),
      h(Choice, {
        name: 'is_active',
        label: 'State',
        choices: [
          ['true', 'active'],
          ['false', 'disabled'],
        ],
      }),
    ),
    h(PagedTable<User>, {
      ...{ loaded, call, columns: COLUMNS, caption: 'Users' },
      keyOf: ({ id }) => id,
      hrefOf: ({ id }) => hrefOf(`/users/${id}`),
      empty: isNarrowed ? 'No user is like that.' : 'There is no user yet.',
      ...(!isNarrowed && { command: 'npx back create-admin you@example.com' }),
    }),
  );
}
