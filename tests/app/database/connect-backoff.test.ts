import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnectBackoff } from '../../../src/app/database/connect-backoff.ts';

const REFUSED = Object.assign(new Error('password authentication failed'), { code: '28P01' });
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('after a refused login', () => {
  it('nobody is let through for a second, then one alone in every second', () => {
    const gate = createConnectBackoff();
    expect(gate.refusal()).toBeUndefined();
    gate.note(REFUSED);
    vi.advanceTimersByTime(999);
    expect(gate.refusal()).toBe(REFUSED);
    vi.advanceTimersByTime(501);
    expect([gate.refusal(), gate.refusal(), gate.refusal()]).toEqual([undefined, REFUSED, REFUSED]);
    vi.advanceTimersByTime(1500);
    expect([gate.refusal(), gate.refusal()]).toEqual([undefined, REFUSED]);
  });

  it('a login that succeeds opens the gate for all', () => {
    const gate = createConnectBackoff();
    gate.note(REFUSED);
    gate.note(undefined);
    expect([gate.refusal(), gate.refusal()]).toEqual([undefined, undefined]);
  });
});

describe('a server that is away', () => {
  it('may be asked by everybody, so that its return is seen at once', () => {
    const gate = createConnectBackoff();
    gate.note(AWAY);
    expect(gate.refusal()).toBeUndefined();
  });
});
