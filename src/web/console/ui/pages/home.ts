import type { VNode } from 'preact';
import { account } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import { Chart } from '../parts/chart.ts';
import { Choice } from '../parts/filters.ts';
import { Head } from '../parts/head.ts';
import { Section } from '../parts/words.ts';
import { query } from '../place.ts';
import type { Activity, Diagnosis, Overview } from '../types.ts';
import { Needs } from './home/needs.ts';

const SERIES = [
  { key: 'sign_ins', title: 'Sign-ins' },
  { key: 'failures', title: 'Failed sign-ins' },
  { key: 'registrations', title: 'New accounts' },
] as const;

/** What needs attention, then how busy it was. */
export function Home(): VNode {
  const overview = useCall<Overview>({ method: 'GET', path: '/console/overview.json' });
  const diagnosis = useCall<Diagnosis>({ method: 'GET', path: '/console/diagnosis.json' });
  const range = query.value.get('range') === 'month' ? 'month' : 'day';
  const activity = useCall<Activity>({ method: 'GET', path: '/console/activity.json', query: { range } });
  const name = account.value?.name;
  return el.div(
    null,
    h(Head, { title: name ? `Hello, ${name}` : 'Home' }),
    h(
      Section,
      { title: 'Needs attention' },
      h(Answer<Overview>, { loaded: overview, lines: 2, children: (data) => h(Needs, { overview: data, diagnosis }) }),
    ),
    h(
      Section,
      {
        title: range === 'day' ? 'The last 24 hours' : 'The last 30 days',
        actions: h(Choice, { name: 'range', label: 'Show', choices: [['month', '30 days']], none: '24 hours' }),
      },
      h(Answer<Activity>, {
        loaded: activity,
        lines: 4,
        children: ({ items }) =>
          el.div(
            { class: 'charts' },
            SERIES.map(({ key, title }) =>
              h(Chart, { key, title, range, bars: items.map((bucket) => ({ at: bucket.at, value: bucket[key] })) }),
            ),
          ),
      }),
    ),
  );
}
