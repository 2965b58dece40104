import type { VNode } from 'preact';
import { type Call, send } from '../../api.ts';
import { el, h } from '../../el.ts';
import type { Loaded } from '../../load.ts';
import { Answer, Empty } from '../../parts/answer.ts';
import { type Page, Table } from '../../parts/table.ts';
import { toast, toastError } from '../../parts/toasts.ts';
import { Section, Time } from '../../parts/words.ts';
import { hrefOf } from '../../place.ts';
import type { AuditEvent, Mail, Session, User } from '../../types.ts';
import { EVENT_COLUMNS } from '../audit.ts';
import { MAIL_COLUMNS } from '../mails.ts';
import { useAgain } from './again.ts';

interface Props {
  user: User;
  /** Another number: something was done, and the list may be another. */
  round: number;
}

/** Where the account is signed in. */
export function Sessions({ user, round, onEnd }: Props & { onEnd: () => void }): VNode {
  const call: Call = { method: 'GET', path: `/users/${user.id}/sessions`, query: { limit: '100' } };
  const loaded = useAgain<Page<Session>>(call, round);
  const end = (session: Session): void => {
    send({ method: 'DELETE', path: `/users/${user.id}/sessions/${session.id}` }).then(() => {
      toast(`The session of ${session.device} is ended`);
      onEnd();
    }, toastError);
  };
  return h(
    Section,
    { title: 'Sessions', count: countOf(loaded) },
    h(Answer<Page<Session>>, {
      loaded,
      lines: 2,
      children: ({ items }) =>
        items.length === 0
          ? h(Empty, { text: 'Not signed in anywhere.' })
          : h(Table<Session>, {
              caption: 'Sessions',
              rows: items,
              keyOf: ({ id }) => id,
              columns: [
                { name: 'Device', cell: ({ device, current }) => (current ? `${device} (this one)` : device) },
                { name: 'Network', cell: ({ ip }) => (ip === null ? '–' : el.code(null, ip)) },
                { name: 'Last used', cell: ({ last_used_at }) => h(Time, { at: last_used_at }) },
                { name: 'Began', minor: true, cell: ({ created_at }) => h(Time, { at: created_at }) },
                { name: 'Ends', minor: true, cell: ({ expires_at }) => h(Time, { at: expires_at }) },
                {
                  name: 'Action',
                  cell: (session) =>
                    el.button(
                      {
                        type: 'button',
                        class: 'small',
                        'aria-label': `End: the session of ${session.device}`,
                        onClick: () => end(session),
                      },
                      'End',
                    ),
                },
              ],
            }),
    }),
  );
}

/** The newest of what happened to the account. */
export function Events({ user, round }: Props): VNode {
  const loaded = useAgain<Page<AuditEvent>>(
    { method: 'GET', path: '/audit-events', query: { subject_id: user.id, limit: '10' } },
    round,
  );
  return h(
    Section,
    {
      title: 'What happened',
      actions: el.a({ href: hrefOf('/audit', { subject_id: user.id }) }, 'All of it'),
    },
    h(Answer<Page<AuditEvent>>, {
      loaded,
      lines: 4,
      children: ({ items }) =>
        items.length === 0
          ? h(Empty, { text: 'Nothing is recorded of this account.' })
          : h(Table<AuditEvent>, {
              ...{
                caption: 'What happened',
                rows: items,
                columns: EVENT_COLUMNS.filter(({ name }) => name !== 'Account'),
              },
              keyOf: ({ id }) => id,
            }),
    }),
  );
}

/** The newest mails to the account's address. */
export function Mails({ user, round }: Props): VNode {
  const loaded = useAgain<Page<Mail>>({ method: 'GET', path: '/mails', query: { to: user.email, limit: '5' } }, round);
  return h(
    Section,
    { title: 'Mails', actions: el.a({ href: hrefOf('/mails', { to: user.email }) }, 'All of them') },
    h(Answer<Page<Mail>>, {
      loaded,
      lines: 2,
      children: ({ items }) =>
        items.length === 0
          ? h(Empty, { text: 'No mail went to this address in the last 30 days.' })
          : h(Table<Mail>, {
              ...{ caption: 'Mails', rows: items, columns: MAIL_COLUMNS.filter(({ name }) => name !== 'To') },
              keyOf: ({ id }) => id,
            }),
    }),
  );
}

function countOf({ data }: Loaded<Page<unknown>>): string | undefined {
  if (data === undefined) return undefined;
  return `${data.items.length}${data.next_cursor === null ? '' : '+'}`;
}
