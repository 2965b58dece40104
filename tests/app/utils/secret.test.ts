import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/app/utils/secret.ts';

const secret = new Secret('swordfish');

describe('a Secret', () => {
  it('shows itself in no print, however deep it lies', () => {
    const lines: string[] = [];
    pino({}, { write: (line: string) => void lines.push(line) }).info(
      { secret, list: [{ secret }] },
      'with %o',
      secret,
    );
    const holder = { secret, list: [secret], map: new Map([['secret', secret]]) };
    const prints = [
      String(secret),
      `${secret}`,
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true, getters: true }),
      format('%s %o %j %O', secret, secret, secret, secret),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify({ ...secret }),
      JSON.stringify(structuredClone({ ...secret })),
      ...lines,
    ];
    expect(prints.join('\n')).not.toContain('swordfish');
    expect(prints.slice(0, 2)).toEqual(['[secret]', '[secret]']);
  });

  it('gives its value to whoever asks for it, and to nobody else', () => {
    expect(secret.reveal()).toBe('swordfish');
    expect(Object.keys(secret)).toEqual([]);
    expect(Reflect.ownKeys(secret)).toEqual([]);
  });
});
