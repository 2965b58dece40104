import type { VNode } from 'preact';
import { el, h } from '../../el.ts';
import type { Loaded } from '../../load.ts';
import { ErrorNote, sentence } from '../../parts/answer.ts';
import { mark, Time, type Tone } from '../../parts/words.ts';
import { hrefOf } from '../../place.ts';
import type { Diagnosis, Finding, Overview } from '../../types.ts';

/** One thing that wants an action. */
interface Need {
  tone: Tone;
  word: string;
  text: string;
  since?: string | null;
  at?: string | null;
  way: VNode;
}

const WEEK_MS = 7 * 86_400_000;
/** What the overview says more exactly. */
const SAID = ['jobs', 'jobs_dead', 'migrations'];

/** What needs attention: by the overview, and by the doctor once it has looked. */
export function Needs({ overview, diagnosis }: { overview: Overview; diagnosis: Loaded<Diagnosis> }): VNode {
  const { data, error, reload } = diagnosis;
  const findings = data?.groups.flatMap((group) => group.findings) ?? [];
  const found = findings.filter(({ check, level }) => level !== 'ok' && !SAID.includes(check)).map(needOf);
  const needs = [...needsOf(overview), ...found];
  return el.div(
    null,
    needs.length > 0 && h(List, { needs }),
    needs.length === 0 &&
      data !== undefined &&
      el.div(
        { class: 'note' },
        el.strong(null, 'All is well'),
        el.p(
          null,
          'No mail and no job is dead or late, the database has every revision, and the doctor finds nothing to mend.',
        ),
      ),
    overview.work.mail_sent_at !== null &&
      el.p({ class: 'help' }, 'The last mail was delivered ', h(Time, { at: overview.work.mail_sent_at }), '.'),
    error !== undefined && h(ErrorNote, { error, onRetry: reload }),
    data === undefined && error === undefined && el.p({ class: 'help', role: 'status' }, 'The doctor is looking…'),
  );
}

function List({ needs }: { needs: readonly Need[] }): VNode {
  return el.ul(
    { class: 'needs' },
    needs.map(({ tone, word, text, since, at, way }) =>
      el.li(
        { key: text },
        mark(tone, word),
        el.span(
          { class: 'need' },
          text,
          since ? [' Since ', h(Time, { at: since }), '.'] : null,
          at ? [' ', h(Time, { at }), '.'] : null,
        ),
        way,
      ),
    ),
  );
}

function needsOf({ work, migrations, keys }: Overview): Need[] {
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
  add(work.mails_failing > 0, {
    tone: 'warn',
    word: 'failing',
    text: `${counted(work.mails_failing, 'mail')} could not be delivered yet: ${work.mail_error}.`,
    way: el.a({ href: hrefOf('/mails', { state: 'pending' }) }, 'Look at them'),
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
  for (const { id, signs_until, retires_at } of keys) {
    const name = `${id.slice(0, 10)}…`;
    const way = el.a({ href: hrefOf('/system') }, 'The keys');
    const [soon, what] = isSoon(signs_until)
      ? [signs_until, `The key ${name} signs no more:`]
      : [retires_at, `What the key ${name} signed is good no more:`];
    add(isSoon(soon), { tone: 'plain', word: 'key', text: what, at: soon, way });
  }
  return needs;
}

/** What is planned for a week from now is said. */
function isSoon(at: string | null): boolean {
  return at !== null && Date.parse(at) < Date.now() + WEEK_MS;
}

function needOf({ level, message }: Finding): Need {
  const way = el.a({ href: hrefOf('/system') }, 'What to do');
  return {
    tone: level === 'fail' ? 'danger' : 'warn',
    word: level === 'fail' ? 'wrong' : 'mend',
    text: sentence(message),
    way,
  };
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
