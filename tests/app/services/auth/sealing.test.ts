import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from '../../../../src/app/services/auth/sealing.ts';

const owner = { id: 'factor', user_id: 'ada' };
const key = randomBytes(32);

describe('a sealed secret', () => {
  it('opens with its key, for its row', () => {
    expect(unseal(key, seal(key, 'SECRET', owner), owner)).toBe('SECRET');
  });

  it('is another text each time, and does not hold the secret', () => {
    const [first, second] = [seal(key, 'SECRET', owner), seal(key, 'SECRET', owner)];
    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64url').toString('latin1')).not.toContain('SECRET');
  });

  it.each([
    ['another key', (sealed: string) => unseal(randomBytes(32), sealed, owner)],
    ['another factor', (sealed: string) => unseal(key, sealed, { ...owner, id: 'other' })],
    ['another user', (sealed: string) => unseal(key, sealed, { ...owner, user_id: 'bob' })],
    ['a changed text', (sealed: string) => unseal(key, `${sealed.slice(0, -4)}AAAA`, owner)],
    ['no text', () => unseal(key, '', owner)],
  ])('does not open with %s', (_, open) => {
    expect(() => open(seal(key, 'SECRET', owner))).toThrow();
  });
});
