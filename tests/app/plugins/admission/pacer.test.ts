import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createPacer } from '../../../../src/app/plugins/admission/pacer.ts';

it('a pacer runs a few in each turn of the event loop, in their order, those that come meanwhile after them', async () => {
  const later = createPacer(2);
  const done: number[] = [];
  for (let n = 1; n <= 5; n++) later(() => void done.push(n));
  const seen: number[][] = [];
  for (let turn = 0; turn < 4; turn++) {
    if (turn === 1) later(() => void done.push(6));
    await nextTurn();
    seen.push([...done]);
  }
  expect(seen).toEqual([
    [1, 2],
    [1, 2, 3, 4],
    [1, 2, 3, 4, 5, 6],
    [1, 2, 3, 4, 5, 6],
  ]);
});
