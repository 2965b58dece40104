import type { VNode } from 'preact';
import { el, h } from '../../el.ts';
import type { Loaded } from '../../load.ts';
import { Answer } from '../../parts/answer.ts';
import { mark, Section, Time, type Tone } from '../../parts/words.ts';
import type { Diagnosis, Finding } from '../../types.ts';

const TONES: Readonly<Record<Finding['level'], Tone>> = { ok: 'ok', warn: 'warn', fail: 'danger' };
const WORDS: Readonly<Record<Finding['level'], string>> = { ok: 'fine', warn: 'mend', fail: 'wrong' };

/** What the doctor finds: what is to be mended with its fix, then what is fine. */
export function Findings({ diagnosis }: { diagnosis: Loaded<Diagnosis> }): VNode {
  return h(
    Section,
    { title: 'Doctor' },
    h(Answer<Diagnosis>, {
      loaded: diagnosis,
      lines: 3,
      children: ({ at, counts, groups }) => {
        const all = groups.flatMap(({ heading, findings }) => findings.map((finding) => ({ heading, ...finding })));
        const wrong = all.filter(({ level }) => level !== 'ok');
        return [
          wrong.length > 0 && list(wrong),
          el.details(
            { class: 'fine' },
            el.summary(null, `${counts.ok} checks are fine`),
            list(all.filter(({ level }) => level === 'ok')),
          ),
          el.p(
            { class: 'help' },
            'Looked at ',
            h(Time, { at }),
            '; a look is good for a minute. ',
            el.code(null, 'npx back doctor'),
            ' looks at files and the records of the sender’s domain too.',
          ),
        ];
      },
    }),
  );
}

function list(findings: readonly (Finding & { heading: string })[]): VNode {
  return el.ul(
    { class: 'needs' },
    findings.map(({ heading, check, level, message, fix }) =>
      el.li(
        { key: `${check} ${message}` },
        mark(TONES[level], WORDS[level]),
        el.div(
          { class: 'need' },
          el.span({ class: 'muted' }, `${heading}: `),
          message,
          fix.map((line) => el.div({ key: line }, el.code(null, line))),
        ),
      ),
    ),
  );
}
