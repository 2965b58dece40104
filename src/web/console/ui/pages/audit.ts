import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Choice, Day } from '../parts/filters.ts';
import { Head } from '../parts/head.ts';
import { type Column, type Page, PagedTable } from '../parts/table.ts';
import { toastError } from '../parts/toasts.ts';
import { Who } from '../parts/who.ts';
import { details, dotted, Time } from '../parts/words.ts';
import { hrefOf, hrefWith, query } from '../place.ts';
import { save } from '../save.ts';
import type { AuditEvent } from '../types.ts';
import { Verification } from './verification.ts';

const FOLLOW_MS = 3000;
/** Those that an administrator looks for; any other comes by the address. */
const EVENTS = [
  'login.failed',
  'session.started',
  'sessions.ended',
  'session.refresh_token_reused',
  'user.registered',
  'user.created',
  'user.invited',
  'user.disabled',
  'user.enabled',
  'user.role_changed',
  'user.deleted',
  'user.locked',
  'user.unlocked',
  'password.changed',
  'password.reset',
  'email.changed',
  'factor.added',
  'factor.removed',
  'mfa.failed',
  'access.forbidden',
  'row.created',
  'row.updated',
  'row.deleted',
  'limit.lifted',
  'job.retried',
  'mail.tested',
] as const;

export const EVENT_COLUMNS: readonly Column<AuditEvent>[] = [
  { name: 'When', cell: ({ created_at }) => h(Time, { at: created_at }) },
  { name: 'What', cell: ({ event }) => dotted(event) },
  { name: 'Account', cell: ({ subject_id }) => who(subject_id) },
  {
    name: 'By',
    cell: ({ actor_id, subject_id }) => (actor_id !== null && actor_id === subject_id ? 'itself' : who(actor_id)),
  },
  { name: 'From', minor: true, cell: ({ ip }) => (ip === null ? '–' : el.code(null, ip)) },
  { name: 'More', minor: true, cell: (event) => detailsOf(event.details) },
];

/** Everything that is recorded, the newest first. */
export function Audit(): VNode {
  const given = Object.fromEntries(query.value);
  const call: Call = { method: 'GET', path: '/audit-events', query: { limit: '50', ...given } };
  const loaded = useCall<Page<AuditEvent>>(call);
  const [isFollowed, follow] = useState(false);
  // An older page stays as it is.
  const isFollowing = isFollowed && !query.value.has('cursor');
  useEffect(() => {
    if (!isFollowing) return;
    loaded.reload();
    const timer = setInterval(() => document.hidden || loaded.reload(), FOLLOW_MS);
    return () => clearInterval(timer);
  }, [isFollowing]);
  const [verified, setVerified] = useState(0);
  const [isSaving, setSaving] = useState(false);
  const onSave = (): void => {
    setSaving(true);
    saveRows(given)
      .catch(toastError)
      .finally(() => setSaving(false));
  };
  const event = query.value.get('event') ?? '';
  const events: readonly string[] = event === '' || EVENTS.some((name) => name === event) ? EVENTS : [event, ...EVENTS];
  return el.div(
    null,
    h(Head, {
      title: 'Audit',
      actions: [
        el.button(
          {
            type: 'button',
            'aria-pressed': isFollowing,
            disabled: query.value.has('cursor'),
            onClick: () => follow(!isFollowed),
          },
          'Follow',
        ),
        el.button({ type: 'button', onClick: () => setVerified(verified + 1) }, 'Verify the chain'),
        el.button({ type: 'button', onClick: onSave, 'aria-busy': isSaving }, 'Save as CSV'),
      ],
    }),
    isFollowing && el.p({ class: 'help', role: 'status' }, 'What happens appears here within three seconds.'),
    verified > 0 && h(Verification, { key: verified }),
    el.div(
      { class: 'filters' },
      h(Choice, { name: 'event', label: 'What', choices: events.map((name) => [name, name] as const) }),
      h(Day, { name: 'since', label: 'From' }),
      h(Day, { name: 'until', label: 'Before' }),
      ['subject_id', 'actor_id'].map((name) => h(Narrowed, { key: name, name })),
    ),
    h(PagedTable<AuditEvent>, {
      ...{ loaded, call, columns: EVENT_COLUMNS, caption: 'Audit events' },
      keyOf: ({ id }) => id,
      empty: Object.keys(given).length > 0 ? 'Nothing of this kind is recorded.' : 'Nothing is recorded yet.',
    }),
  );
}

/** A filter by an account, and the way to drop it. */
function Narrowed({ name }: { name: string }): VNode | null {
  const id = query.value.get(name);
  if (id === null) return null;
  const word = name === 'actor_id' ? 'By' : 'Account';
  return el.span(
    { class: 'chip' },
    `${word} `,
    el.a({ href: hrefOf(`/users/${id}`) }, `${id.slice(0, 8)}…`),
    el.a(
      {
        class: 'drop',
        href: hrefWith({ [name]: undefined, cursor: undefined }),
        'aria-label': `Drop the filter ${word}`,
      },
      '×',
    ),
  );
}

function who(id: string | null): VNode | string {
  return id === null ? '–' : h(Who, { id });
}

function detailsOf(facts: AuditEvent['details']): VNode | string {
  const entries = Object.entries(facts);
  if (entries.length === 0) return '–';
  return details(entries.map(([name, value]) => `${name}: ${[value ?? '–'].flat().join(', ')}`).join(' · '));
}

/** Saves all that the filters let through. */
async function saveRows({ cursor: _, limit: __, ...filter }: Record<string, string>): Promise<void> {
  const text = await send<string>({ method: 'GET', path: '/audit-events/export', query: filter });
  save('audit-events.csv', { type: 'text/csv', text });
}
