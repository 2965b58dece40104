import type { VNode } from 'preact';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import type { Verification as Outcome } from '../types.ts';

/** Has every link of the audit events recomputed, and says what came of it. */
export function Verification(): VNode {
  const loaded = useCall<Outcome>({ method: 'POST', path: '/console/audit-verification' });
  return el.div(
    { class: 'verification', role: 'status' },
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
