import type { VNode } from 'preact';
import { type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Choice, SearchBox } from '../parts/filters.ts';
import { Head } from '../parts/head.ts';
import { type Column, type Page, PagedTable } from '../parts/table.ts';
import { toast, toastError } from '../parts/toasts.ts';
import { details, mark, Time, type Tone } from '../parts/words.ts';
import { query } from '../place.ts';
import type { Job } from '../types.ts';

const TONES: Readonly<Record<Job['state'], Tone>> = { pending: 'warn', done: 'ok', dead: 'danger' };
const WORDS: Readonly<Record<Job['state'], string>> = { pending: 'waits', done: 'done', dead: 'dead' };

/** The background work: what waits, what is done, what failed for good. */
export function Jobs(): VNode {
  const given = Object.fromEntries(query.value);
  const call: Call = { method: 'GET', path: '/console/jobs.json', query: { limit: '50', ...given } };
  const loaded = useCall<Page<Job>>(call);
  const retry = ({ id, kind }: Job): void => {
    send({ method: 'POST', path: `/console/jobs/${id}/retry` }).then(() => {
      toast(`The job ${kind} is tried again`);
      loaded.reload();
    }, toastError);
  };
  const columns: readonly Column<Job>[] = [
    { name: 'Kind', cell: ({ kind }) => el.code(null, kind) },
    { name: 'State', cell: ({ state }) => mark(TONES[state], WORDS[state]) },
    { name: 'Attempts', minor: true, cell: ({ attempts, max_attempts }) => `${attempts} of ${max_attempts}` },
    { name: 'Its turn', minor: true, cell: ({ run_at }) => h(Time, { at: run_at }) },
    {
      name: 'Ended',
      minor: true,
      cell: ({ finished_at }) => (finished_at === null ? '–' : h(Time, { at: finished_at })),
    },
    {
      name: 'Last error',
      cell: ({ last_error }) => (last_error === null ? '–' : details(last_error)),
    },
    {
      name: 'Action',
      cell: (job) =>
        job.state === 'dead' &&
        el.button(
          { type: 'button', class: 'small', 'aria-label': `Try again: the job ${job.kind}`, onClick: () => retry(job) },
          'Try again',
        ),
    },
  ];
  const isNarrowed = Object.keys(given).length > 0;
  return el.div(
    null,
    h(Head, { title: 'Jobs', actions: el.button({ type: 'button', onClick: loaded.reload }, 'Look again') }),
    el.div(
      { class: 'filters' },
      h(SearchBox, { name: 'kind', label: 'Find by the whole kind' }),
      h(Choice, {
        name: 'state',
        label: 'State',
        choices: [
          ['pending', 'waits'],
          ['done', 'done'],
          ['dead', 'dead'],
        ],
      }),
    ),
    h(PagedTable<Job>, {
      ...{ loaded, call, columns, caption: 'Jobs' },
      keyOf: ({ id }) => id,
      empty: isNarrowed ? 'No job is like that.' : 'No work was ever put off.',
      ...(!isNarrowed && { command: 'npx back jobs list' }),
    }),
  );
}
