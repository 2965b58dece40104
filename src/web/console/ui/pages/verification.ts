import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import type { Verification as Outcome } from '../types.ts';

/** Has every link of the audit events recomputed, and says what came of it. */
export function Verification(): VNode {
  const loaded = useCall<Outcome>({ method: 'POST', path: '/console/audit-verification' });
  return el.div(
    { class: 'verification', role: 'status' },
    loaded.data === undefined && loaded.error === undefined && h(Progress, {}),
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

/** How long it has taken so far: the database does it in one statement, which says nothing before its end. */
function Progress(): VNode {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - began) / 1000)), 1000);
    return () => clearInterval(timer);
  }, []);
  return el.label(
    { class: 'progress' },
    'Every link is recomputed. ',
    el.progress(null),
    el.span({ 'aria-hidden': 'true' }, ` ${seconds} s`),
  );
}
