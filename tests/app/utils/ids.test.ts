import { describe, expect, it } from 'vitest';
import { isId, newId, timeOfId } from '../../../src/app/utils/ids.ts';

describe('newId', () => {
  it('gives UUIDs of version 7 and the variant of RFC 9562, in the canonical form', () => {
    for (const id of Array.from({ length: 1000 }, newId)) {
      expect(isId(id)).toBe(true);
      expect(id).toMatch(/^.{14}7.{4}[89ab]/);
    }
  });

  it('gives each once, and later ones sort after earlier ones', () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('says the time of its creation', () => {
    const before = Date.now();
    const time = timeOfId(newId()).getTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now() + 1);
  });
});
