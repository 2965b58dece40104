import type { VNode } from 'preact';
import { el, h } from '../../el.ts';
import type { Loaded } from '../../load.ts';
import { Answer } from '../../parts/answer.ts';
import { Time } from '../../parts/words.ts';
import type { UserLock } from '../../types.ts';

/** Why the account may be refused, and the way out. */
export function Lock({ lock, onLift }: { lock: Loaded<UserLock>; onLift: () => void }): VNode {
  return h(Answer<UserLock>, {
    loaded: lock,
    lines: 2,
    children: ({ is_locked, failures_in_a_row, last_failed_at }) => {
      if (failures_in_a_row === 0)
        return el.div(
          { class: 'note' },
          el.strong(null, 'No failed sign-ins'),
          el.p(null, 'Nothing holds this account back.'),
        );
      const tries = `${failures_in_a_row} failed ${failures_in_a_row === 1 ? 'sign-in' : 'sign-ins'} in a row`;
      return el.div(
        { class: `note ${is_locked ? 'danger' : 'warn'}` },
        el.strong(null, is_locked ? 'Locked' : tries),
        el.p(
          null,
          is_locked && `${tries}. Devices that the account does not know get one attempt a day. `,
          'The last one was ',
          h(Time, { at: last_failed_at }),
          '.',
        ),
        el.button({ type: 'button', onClick: onLift }, is_locked ? 'Lift the lock' : 'Forget the failures'),
      );
    },
  });
}
