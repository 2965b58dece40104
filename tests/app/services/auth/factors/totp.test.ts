import { describe, expect, it } from 'vitest';
import {
  codeOfStep,
  fromBase32,
  newSecret,
  otpauthUri,
  stepsAt,
} from '../../../../../src/app/services/auth/factors/totp.ts';

describe('codeOfStep', () => {
  // RFC 6238, Appendix B, SHA-1.
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('is the code of the RFC at %d s', (seconds, code) => {
    const secret = Buffer.from('12345678901234567890');
    const [present = 0] = stepsAt(new Date(seconds * 1000));
    expect(codeOfStep(secret, present, 8)).toBe(code);
    expect(codeOfStep(secret, present)).toBe(code.slice(2));
  });
});

describe('stepsAt', () => {
  it('is the present step and one either way, and none before the first', () => {
    expect(stepsAt(new Date(90_000))).toEqual([3, 2, 4]);
    expect(stepsAt(new Date(0))).toEqual([0, 1]);
  });
});

describe('a secret', () => {
  it('has 160 bits in the letters of RFC 4648', () => {
    const secret = newSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(fromBase32(secret)).toHaveLength(20);
    // RFC 4648 §10.
    expect(fromBase32('MZXW6YTBOI').toString()).toBe('foobar');
  });

  it('stands in an address whose parts are escaped', () => {
    const uri = otpauthUri({ issuer: 'Ada & Co', account: 'ada+x@example.com', secret: 'ABC' });
    expect(uri).toBe(
      'otpauth://totp/Ada%20%26%20Co:ada%2Bx%40example.com?secret=ABC&issuer=Ada%20%26%20Co&algorithm=SHA1&digits=6&period=30',
    );
  });
});
