import { expect, it } from 'vitest';
import { startWithTestProduct } from '../../helpers/test-product.ts';

const api = startWithTestProduct();

/** The longest time in milliseconds for which the main thread computes in one turn of the work. */
async function longestBlock(work: () => unknown): Promise<number> {
  // Of this thread alone: other tests run beside.
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = used();
  let longest = 0;
  const look = (): void => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
  };
  let isLooking = true;
  const turn = (): void => {
    look();
    if (isLooking) setImmediate(turn);
  };
  turn();
  await work();
  look();
  isLooking = false;
  return longest;
}

it('the OpenAPI document is made in short turns beside other requests, and is the same as at once', async () => {
  const inParts = await longestBlock(() => api.request({ url: '/openapi.json' }));
  let whole: unknown;
  const atOnce = await longestBlock(() => {
    whole = api.app.swagger();
  });
  expect(inParts).toBeLessThan(atOnce / 3);
  expect((await api.request({ url: '/openapi.json' })).body).toBe(JSON.stringify(whole));
});
