import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import type { Verification as Outcome } from '../types.ts';

interface Progress {
  done: number;
  rows: number;
}

/** Has every link of the audit events recomputed, and says what came of it. */
export function Verification(): VNode {
  const [progress, setProgress] = useState<Progress>();
  const onLine = (line: unknown): void => setProgress(line as Progress);
  const loaded = useCall<Outcome>({ method: 'POST', path: '/console/audit-verification', onLine });
  return el.div(
    { class: 'verification', role: 'status' },
    loaded.data === undefined && loaded.error === undefined && h(Bar, { progress }),
    h(Answer<Outcome>, {
      loaded,
      lines: 1,
      children: ({ rows, problems }) => {
        const [first] = problems;
        if (first === undefined)
          return el.div(
            { class: 'note' },
            el.strong(null, 'The chain holds'),
            el.p(
              null,
              `${rows.toLocaleString('en')} events are as they were written. Anchors kept elsewhere prove more: `,
              el.code(null, 'npx back audit verify --anchors'),
              '.',
            ),
          );
        return el.div(
          { class: 'note danger' },
          el.strong(null, `The chain is broken in ${problems.length} places`),
          el.p(
            null,
            `The first: ${first.kind}, chain ${first.chain ?? '–'}, link ${first.seq ?? '–'}. `,
            el.code(null, 'npx back audit verify'),
            ' lists them.',
          ),
        );
      },
    }),
  );
}

/** How far it is. Until the rows are in order none is recomputed, and how far that is no one knows. */
function Bar({ progress: { done, rows } = { done: 0, rows: 0 } }: { progress: Progress | undefined }): VNode {
  const all = rows === 0 ? 'The events' : `${rows.toLocaleString('en')} events`;
  const percent = Math.floor((done / rows) * 100);
  return done === 0
    ? el.label({ class: 'progress' }, `${all} are put in order. `, el.progress(null))
    : el.label(
        { class: 'progress' },
        'Every link is recomputed. ',
        el.progress({ max: 100, value: percent }),
        ` ${percent} % of ${all}`,
      );
}
