import type { VNode } from 'preact';
import { el, h } from '../../el.ts';
import { Answer, Empty } from '../../parts/answer.ts';
import { Table } from '../../parts/table.ts';
import { breaking, mark, Section, Time } from '../../parts/words.ts';
import type { Identity, LoginMethods as Methods, Passkey, User } from '../../types.ts';
import { useAgain } from './again.ts';

/** By what the account signs in beside the password: passkeys, and accounts of providers. */
export function LoginMethods({ user, round }: { user: User; round: number }): VNode {
  const loaded = useAgain<Methods>({ method: 'GET', path: `/console/users/${user.id}/login-methods.json` }, round);
  const countOf = (rows: readonly unknown[] | undefined): string | undefined => rows && String(rows.length);
  return el.div(
    null,
    h(
      Section,
      { title: 'Passkeys', count: countOf(loaded.data?.passkeys) },
      h(Answer<Methods>, { loaded, lines: 2, children: ({ passkeys }) => h(Passkeys, { passkeys }) }),
    ),
    h(
      Section,
      { title: 'Identities', count: countOf(loaded.data?.identities) },
      h(Answer<Methods>, { loaded, lines: 2, children: ({ identities }) => h(Identities, { identities }) }),
    ),
  );
}

function Passkeys({ passkeys }: { passkeys: readonly Passkey[] }): VNode {
  if (passkeys.length === 0) return h(Empty, { text: 'No passkey. The account adds one by itself.' });
  return h(Table<Passkey>, {
    ...{ caption: 'Passkeys', rows: passkeys, keyOf: ({ id }) => id },
    columns: [
      { name: 'Name', cell: ({ name }) => name },
      { name: 'Copy', cell: ({ backed_up }) => (backed_up ? mark('ok', 'kept') : mark('plain', 'none')) },
      { name: 'Added', cell: ({ created_at }) => h(Time, { at: created_at }) },
      { name: 'Last used', cell: ({ last_used_at }) => h(Time, { at: last_used_at }) },
    ],
  });
}

function Identities({ identities }: { identities: readonly Identity[] }): VNode {
  if (identities.length === 0) return h(Empty, { text: 'No account of a provider is linked.' });
  return el.div(
    null,
    h(Table<Identity>, {
      ...{ caption: 'Identities', rows: identities, keyOf: ({ id }) => id },
      columns: [
        { name: 'Provider', cell: ({ provider }) => provider },
        { name: 'Address there', cell: ({ email }) => (email === null ? '–' : breaking(email)) },
        { name: 'Who it is there', minor: true, cell: ({ subject }) => el.code(null, subject) },
        { name: 'Linked', cell: ({ created_at }) => h(Time, { at: created_at }) },
      ],
    }),
    el.p({ class: 'help after' }, 'Its owner alone unlinks one.'),
  );
}
