import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The maps of two objects are the same only if compiled code that knows the one takes the other. */
const SCRIPT = `
  import { executionAsyncResource } from 'node:async_hooks';
  import { setTimeout as sleep } from 'node:timers/promises';
  const { keepTickShape, keptTicks } = await import(process.argv[1]);
  keepTickShape();
  keepTickShape();
  await sleep(1);
  for (let n = 0; n < 5; n++) { gc(); await sleep(1); }
  const later = await new Promise((resolve) => process.nextTick(() => resolve([executionAsyncResource()])));
  console.log(JSON.stringify({ kept: keptTicks.length, isSame: %HaveSameMap(keptTicks[0], later[0]), isTick: 'callback' in keptTicks[0] }));
`;

describe('keepTickShape', () => {
  it('keeps one object of process.nextTick, whose shape those of later calls have after garbage was collected', () => {
    const file = new URL('../../../src/app/utils/tick-shape.ts', import.meta.url).href;
    const flags = ['--expose-gc', '--allow-natives-syntax', '--disable-warning=ExperimentalWarning'];
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...flags, '--input-type=module', '--eval', SCRIPT, '--', file],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ kept: 1, isSame: true, isTick: true });
  });
});
