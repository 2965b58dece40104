import type { VNode } from 'preact';
import { account } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import { Chart } from '../parts/chart.ts';
import { Choice } from '../parts/filters.ts';
import { Head } from '../parts/head.ts';
import { mark, Section, Time, type Tone } from '../parts/words.ts';
import { hrefOf, query } from '../place.ts';
import type { Activity, Overview } from '../types.ts';

/** One thing that wants an action. */
interface Need {
  tone: Tone;
  word: string;
  text: string;
  since?: string | null;
  way: VNode;
}

const SERIES = [
  { key: 'sign_ins', title: 'Sign-ins' },
  { key: 'failures', title: 'Failed sign-ins' },
  { key: 'registrations', title: 'New accounts' },
] as const;

/** What needs attention, then how busy it was. */
export function Home(): VNode {
  const overview = useCall<Overview>({ method: 'GET', path: '/console/overview.json' });
  const range = query.value.get('range') === 'month' ? 'month' : 'day';
  const activity = useCall<Activity>({ method: 'GET', path: '/console/activity.json', query: { range } });
  const name = account.value?.name;
  return el.div(
    null,
    h(Head, { title: name ? `Hello, ${name}` : 'Home' }),
    h(
      Section,
      { title: 'Needs attention' },
      h(Answer<Overview>, { loaded: overview, lines: 2, children: (data) => h(Needs, { needs: needsOf(data) }) }),
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

function Needs({ needs }: { needs: readonly Need[] }): VNode {
  if (needs.length === 0)
    return el.div(
      { class: 'note' },
      el.strong(null, 'All is well'),
      el.p(null, 'No mail and no job is dead or late, and the database has every revision.'),
    );
  return el.ul(
    { class: 'needs' },
    needs.map(({ tone, word, text, since, way }) =>
      el.li(
        { key: text },
        mark(tone, word),
        el.span({ class: 'need' }, text, since ? [' Since ', h(Time, { at: since }), '.'] : null),
        way,
      ),
    ),
  );
}

function needsOf({ work, migrations, settings }: Overview): Need[] {
  const needs: Need[] = [];
  const add = (isSo: boolean, need: Need): void => {
    if (isSo) needs.push(need);
  };
  add(work.mails_dead > 0, {
    tone: 'danger',
    word: 'dead',
    text: `${counted(work.mails_dead, 'mail')} could not be sent.`,
    way: el.a({ href: hrefOf('/mails', { state: 'dead' }) }, 'Look at them'),
  });
  add(work.jobs_dead > 0, {
    tone: 'danger',
    word: 'dead',
    text: `${counted(work.jobs_dead, 'job')} failed for good.`,
    way: el.a({ href: hrefOf('/jobs', { state: 'dead' }) }, 'Look at them'),
  });
  add(work.oldest_late !== null, {
    tone: 'warn',
    word: 'late',
    text: `${counted(work.mails_waiting, 'mail')} and ${counted(work.jobs_waiting, 'job')} wait, and no process works them off.`,
    since: work.oldest_late,
    way: el.code(null, 'npx back work'),
  });
  add(migrations.pending.length > 0, {
    tone: 'danger',
    word: 'pending',
    text: `The database lacks ${counted(migrations.pending.length, 'revision')}.`,
    way: el.code(null, 'npx back upgrade head'),
  });
  const settingOf = (name: string): string | undefined => settings.find((setting) => setting.name === name)?.value;
  add(settingOf('ENVIRONMENT') === 'production' && settingOf('SMTP_URL') === '', {
    tone: 'warn',
    word: 'not set',
    text: 'No mail server is set: every mail waits.',
    way: el.a({ href: hrefOf('/system') }, 'The settings'),
  });
  return needs;
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
