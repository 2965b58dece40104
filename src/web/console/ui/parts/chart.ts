import type { VNode } from 'preact';
import { el } from '../el.ts';
import { dayOf, hourOf } from '../time.ts';

interface Bar {
  at: string;
  value: number;
}

const HEIGHT = 72;
const STEP = 10;
const GAP = 2;

/** Bars of hours or days on one scale, the sum in words, and the numbers as a table behind. */
export function Chart({ title, range, bars }: { title: string; range: 'day' | 'month'; bars: readonly Bar[] }): VNode {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const sum = bars.reduce((total, { value }) => total + value, 0);
  const nameOf = range === 'day' ? hourOf : dayOf;
  const [first, last] = [bars[0]?.at ?? '', bars.at(-1)?.at ?? ''];
  return el.figure(
    { class: 'chart' },
    el.figcaption(null, el.span(null, title), el.strong(null, sum.toLocaleString('en'))),
    el.svg(
      { viewBox: `0 0 ${bars.length * STEP - GAP} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      el.path({ class: 'ground', d: `M0 ${HEIGHT - 0.5}H${bars.length * STEP}` }),
      bars.map(({ at, value }, index) =>
        el.rect(
          {
            key: at,
            x: index * STEP,
            y: HEIGHT - heightOf(value, most),
            width: STEP - GAP,
            height: heightOf(value, most),
          },
          el.title(null, `${nameOf(at)}: ${value}`),
        ),
      ),
    ),
    el.div({ class: 'scale', 'aria-hidden': 'true' }, el.span(null, nameOf(first)), el.span(null, nameOf(last))),
    el.details(
      { class: 'numbers' },
      el.summary(null, 'As a table', el.span({ class: 'unseen' }, ` of ${title}`)),
      el.table(
        null,
        el.thead(
          null,
          el.tr(null, el.th({ scope: 'col' }, range === 'day' ? 'Hour' : 'Day'), el.th({ scope: 'col' }, title)),
        ),
        el.tbody(
          null,
          bars.map(({ at, value }) => el.tr({ key: at }, el.td(null, nameOf(at)), el.td(null, String(value)))),
        ),
      ),
    ),
  );
}

/** A value that is not zero is always seen. */
function heightOf(value: number, most: number): number {
  return value === 0 ? 0 : Math.max(3, (value / most) * (HEIGHT - 4));
}
