import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withinDeadline } from '../../../src/app/utils/deadline.ts';

describe('withinDeadline', () => {
  it('gives the value of what is done in time, and its error', async () => {
    expect(await withinDeadline(1000, Promise.resolve('done'))).toBe('done');
    await expect(withinDeadline(1000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('rejects after the deadline, and an error that comes later ends nothing', async () => {
    const late = sleep(60).then(() => {
      throw new Error('late');
    });
    await expect(withinDeadline(20, late)).rejects.toThrow('no answer within 20 ms');
    await sleep(80);
  });
});
