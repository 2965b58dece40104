import type { VNode } from 'preact';
import { type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer, Empty } from '../parts/answer.ts';
import { AsCurl } from '../parts/curl.ts';
import { Head } from '../parts/head.ts';
import { Table } from '../parts/table.ts';
import { toast, toastError } from '../parts/toasts.ts';
import { Who } from '../parts/who.ts';
import { Time } from '../parts/words.ts';
import { hrefOf } from '../place.ts';
import type { Hold, Holds } from '../types.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** Whom the limits refuse at present, and the way to let them go. */
export function Limits(): VNode {
  const call: Call = { method: 'GET', path: '/console/limits.json' };
  const loaded = useCall<Holds>(call);
  const lift = ({ limit, counted }: Hold): void => {
    send({ method: 'POST', path: '/console/limits/lift', body: { limit, counted } }).then(() => {
      toast('The hold is lifted');
      loaded.reload();
    }, toastError);
  };
  return el.div(
    null,
    h(Head, { title: 'Limits', actions: el.button({ type: 'button', onClick: loaded.reload }, 'Look again') }),
    h(Answer<Holds>, {
      loaded,
      children: ({ items, counted_in }) => [
        counted_in === 'redis'
          ? h(Empty, { text: 'The limits are counted in Redis, which keeps no list of holds.' })
          : h(List, { items, onLift: lift }),
        el.div({ class: 'pager' }, h(AsCurl, { call })),
      ],
    }),
    el.p(
      { class: 'help' },
      'A locked account is lifted on the page of its user: the ',
      el.a({ href: hrefOf('/audit', { event: 'user.locked' }) }, 'audit events'),
      ' name the accounts. The limits themselves are the settings that begin with LIMIT_.',
    ),
  );
}

function List({ items, onLift }: { items: readonly Hold[]; onLift: (hold: Hold) => void }): VNode {
  if (items.length === 0) return h(Empty, { text: 'No limit holds anybody.' });
  return h(Table<Hold>, {
    ...{ caption: 'Holds', rows: items, keyOf: ({ limit, counted }) => `${limit}:${counted}` },
    columns: [
      { name: 'Limit', cell: ({ limit }) => el.code(null, limit) },
      {
        name: 'Whom',
        cell: ({ counted }) =>
          ID.test(counted) ? h(Who, { id: counted }) : el.code({ title: counted }, counted.slice(0, 44)),
      },
      { name: 'Until', cell: ({ until }) => h(Time, { at: until }) },
      {
        name: 'Action',
        cell: (hold) =>
          el.button(
            {
              type: 'button',
              class: 'small',
              'aria-label': `Lift: ${hold.limit} of ${hold.counted}`,
              onClick: () => onLift(hold),
            },
            'Lift',
          ),
      },
    ],
  });
}
