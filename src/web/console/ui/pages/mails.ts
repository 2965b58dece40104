import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { account, type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Choice, SearchBox } from '../parts/filters.ts';
import { Head } from '../parts/head.ts';
import { type Column, type Page, PagedTable } from '../parts/table.ts';
import { toast, toastError } from '../parts/toasts.ts';
import { breaking, details, dotted, mark, Time, type Tone } from '../parts/words.ts';
import { query } from '../place.ts';
import type { Mail } from '../types.ts';
import { MailSample } from './mail-sample.ts';

const TONES: Readonly<Record<Mail['state'], Tone>> = { pending: 'warn', sent: 'ok', dead: 'danger' };
const WORDS: Readonly<Record<Mail['state'], string>> = { pending: 'waits', sent: 'sent', dead: 'dead' };

export const MAIL_COLUMNS: readonly Column<Mail>[] = [
  { name: 'To', cell: ({ to }) => breaking(to) },
  { name: 'Kind', cell: ({ kind }) => dotted(kind) },
  { name: 'State', cell: ({ state }) => mark(TONES[state], WORDS[state]) },
  { name: 'Attempts', minor: true, cell: ({ attempts }) => String(attempts) },
  { name: 'Written', minor: true, cell: ({ created_at }) => h(Time, { at: created_at }) },
  {
    name: 'Last error',
    cell: ({ last_error }) => (last_error === null ? '–' : details(last_error)),
  },
];

/** What is mailed, without the texts: what waits, what is sent, and what the mail server refused. */
export function Mails(): VNode {
  const given = Object.fromEntries(query.value);
  const call: Call = { method: 'GET', path: '/mails', query: { limit: '50', ...given } };
  const loaded = useCall<Page<Mail>>(call);
  const retry = ({ id, to }: Mail): void => {
    send({ method: 'POST', path: `/mails/${id}/retry` }).then(() => {
      toast(`The mail to ${to} is tried again`);
      loaded.reload();
    }, toastError);
  };
  const test = (): void => {
    send({ method: 'POST', path: '/console/test-mail' }).then(() => {
      toast(`A test mail to ${account.value?.email} is on its way`);
      loaded.reload();
    }, toastError);
  };
  const [shown, show] = useState<Pick<Mail, 'kind' | 'locale'>>();
  const cell = (mail: Mail): VNode => preview(mail, () => show(mail));
  const columns = MAIL_COLUMNS.map((column) => (column.name === 'Kind' ? { ...column, cell } : column));
  const again: Column<Mail> = { name: 'Action', cell: (mail) => mail.state === 'dead' && sendAgain(mail, retry) };
  const isNarrowed = Object.keys(given).length > 0;
  return el.div(
    null,
    h(Head, {
      title: 'Mails',
      actions: [
        el.button({ type: 'button', onClick: () => show({ kind: 'reset_password', locale: 'en' }) }, 'Preview'),
        el.button({ type: 'button', onClick: test }, 'Send a test mail'),
        el.button({ type: 'button', onClick: loaded.reload }, 'Look again'),
      ],
    }),
    el.div(
      { class: 'filters' },
      h(SearchBox, { name: 'to', label: 'Find by the whole address' }),
      h(Choice, {
        name: 'state',
        label: 'State',
        choices: [
          ['pending', 'waits'],
          ['sent', 'sent'],
          ['dead', 'dead'],
        ],
      }),
    ),
    h(PagedTable<Mail>, {
      ...{ loaded, call, columns: [...columns, again], caption: 'Mails' },
      keyOf: ({ id }) => id,
      empty: isNarrowed ? 'No mail is like that.' : 'No mail in the last 30 days.',
      ...(!isNarrowed && { command: 'npx back mail test you@example.com' }),
    }),
    shown !== undefined && h(MailSample, { first: shown, onClose: () => show(undefined) }),
  );
}

/** The kind of a mail, which opens a mail of this kind. */
function preview({ kind }: Mail, onClick: () => void): VNode {
  return el.button({ type: 'button', class: 'link', 'aria-label': `${kind}: preview`, onClick }, dotted(kind));
}

function sendAgain(mail: Mail, retry: (mail: Mail) => void): VNode {
  return el.button(
    {
      type: 'button',
      class: 'small',
      'aria-label': `Send again: the mail to ${mail.to}`,
      onClick: () => retry(mail),
    },
    'Send again',
  );
}
