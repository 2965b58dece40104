import type { VNode } from 'preact';
import { el, h } from '../../el.ts';
import { Answer, Empty } from '../../parts/answer.ts';
import { Table } from '../../parts/table.ts';
import { mark, Section, Time } from '../../parts/words.ts';
import type { FactorList, User } from '../../types.ts';
import { useAgain } from './again.ts';

/** The second factors of an account. */
export function Factors({ user, round }: { user: User; round: number }): VNode {
  const loaded = useAgain<FactorList>({ method: 'GET', path: `/console/users/${user.id}/factors.json` }, round);
  return h(
    Section,
    { title: 'Second factors', count: loaded.data && String(loaded.data.items.length) },
    h(Answer<FactorList>, {
      loaded,
      lines: 2,
      children: ({ items, recovery_codes_left }) =>
        items.length === 0
          ? h(Empty, { text: 'No authenticator app. The account sets one up by itself.' })
          : [
              h(Table<FactorList['items'][number]>, {
                ...{ caption: 'Second factors', rows: items, keyOf: ({ id }) => id },
                columns: [
                  { name: 'Name', cell: ({ name }) => name },
                  {
                    name: 'State',
                    cell: ({ is_active }) => (is_active ? mark('ok', 'active') : mark('plain', 'not proved yet')),
                  },
                  { name: 'Added', cell: ({ created_at }) => h(Time, { at: created_at }) },
                  { name: 'Last used', cell: ({ last_used_at }) => h(Time, { at: last_used_at }) },
                ],
              }),
              el.p({ class: 'help after' }, `${recovery_codes_left} recovery codes are left.`),
            ],
    }),
  );
}
