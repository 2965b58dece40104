import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Call } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer, Empty } from '../parts/answer.ts';
import { AsCurl } from '../parts/curl.ts';
import { Head } from '../parts/head.ts';
import { icon } from '../parts/icon.ts';
import { Table } from '../parts/table.ts';
import { Facts, mark, Section, Time } from '../parts/words.ts';
import type { Diagnosis, Overview, SigningKey } from '../types.ts';
import { Findings } from './system/findings.ts';

const MIGRATIONS = {
  at_head: mark('ok', 'at head'),
  pending: mark('danger', 'pending'),
  unknown: mark('warn', 'unknown'),
} as const;
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** What serves here: versions, the database, keys and the settings in effect, without secrets. */
export function System(): VNode {
  const call: Call = { method: 'GET', path: '/console/overview.json' };
  const loaded = useCall<Overview>(call);
  const diagnosis = useCall<Diagnosis>({ method: 'GET', path: '/console/diagnosis.json' });
  const lookAgain = (): void => {
    loaded.reload();
    diagnosis.reload();
  };
  return el.div(
    null,
    h(Head, { title: 'System', actions: el.button({ type: 'button', onClick: lookAgain }, 'Look again') }),
    h(Answer<Overview>, {
      loaded,
      children: (data) => [
        h(Summary, { data }),
        h(Findings, { diagnosis }),
        h(Settings, { settings: data.settings }),
        el.p({ class: 'help' }, 'Settings are environment variables and are not edited here.'),
        h(AsCurl, { call }),
      ],
    }),
  );
}

function Summary({ data: { versions, database, pool, migrations, keys, work } }: { data: Overview }): VNode {
  return el.div(
    { class: 'columns' },
    el.div(
      null,
      h(Facts, {
        facts: [
          ['Version', versions.product],
          ['Node', versions.node],
          ['PostgreSQL', versions.postgresql],
          [
            'Migrations',
            [MIGRATIONS[migrations.state], migrations.pending.map((id) => el.code({ key: id }, ` ${id}`))],
          ],
        ],
      }),
    ),
    el.div(
      null,
      h(Facts, {
        facts: [
          ['Database', sizeOf(database.bytes)],
          ['Connections', `${database.connections} of ${database.max_connections}`],
          ['Pool of this process', `${pool.used} work, ${pool.idle} idle, of ${pool.max}; ${pool.waiting} wait`],
          ['Pooler', pool.through_transaction_pooler ? 'in transaction mode' : 'none, or in session mode'],
          ['Work', `${work.mails_waiting + work.jobs_waiting} waiting, ${work.mails_dead + work.jobs_dead} dead`],
          ['Keys', keys.map((key) => h(Key, { ...key, key: key.id }))],
        ],
      }),
    ),
  );
}

/** A key, and what is planned for it. */
function Key({ id, algorithm, signs, signs_from, signs_until, retires_at }: SigningKey): VNode {
  const plan = ([word, at]: readonly [string, string | null]) =>
    at !== null && el.div({ key: word }, word, h(Time, { at }));
  return el.div(
    null,
    el.code(null, `${id.slice(0, 10)}… ${algorithm} `),
    signs && mark('ok', 'signs'),
    !signs && plan(['will sign ', signs_from]),
    plan(['signs until ', signs_until]),
    plan(['is good until ', retires_at]),
  );
}

function Settings({ settings }: { settings: Overview['settings'] }): VNode {
  const [text, setText] = useState('');
  const rows = settings.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(text.toLowerCase()));
  return h(
    Section,
    { title: 'Settings in effect', count: String(rows.length) },
    el.label(
      { class: 'search' },
      icon('search'),
      el.span({ class: 'unseen' }, 'Find by part of a name or value'),
      el.input({
        type: 'search',
        placeholder: 'Find by part of a name or value',
        value: text,
        autocomplete: 'off',
        'data-search': '',
        onInput: (event: Event) => setText((event.currentTarget as HTMLInputElement).value),
      }),
    ),
    rows.length === 0
      ? h(Empty, { text: 'No setting is like that.', command: 'npx back env' })
      : h(Table<Overview['settings'][number]>, {
          ...{ caption: 'Settings in effect', rows, keyOf: ({ name }) => name },
          columns: [
            { name: 'Variable', cell: ({ name }) => el.code(null, name) },
            {
              name: 'Value',
              cell: ({ value }) => (value === '' ? el.span({ class: 'muted' }, 'not set') : el.code(null, value)),
            },
          ],
        }),
  );
}

function sizeOf(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${UNITS[step]}`;
}
