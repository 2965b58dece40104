import { describe, expect, it } from 'vitest';
import { newId } from '../../../src/app/utils/ids.ts';
import { idFromCursor, toPage } from '../../../src/app/utils/pages.ts';

const rows = (count: number) => Array.from({ length: count }, () => ({ id: newId() }));

describe('toPage', () => {
  it('cuts to the limit and leads on only where a row was left over', () => {
    const found = rows(3);
    expect(toPage(found, 3)).toEqual({ items: found, next_cursor: null });
    expect(toPage([], 3)).toEqual({ items: [], next_cursor: null });
    const { items, next_cursor } = toPage(found, 2);
    expect(items).toEqual(found.slice(0, 2));
    expect(idFromCursor(next_cursor ?? '')).toBe(found[1]?.id);
  });

  it('makes cursors that fit into a URL as they are', () => {
    for (const row of rows(200)) {
      const { next_cursor } = toPage([row, ...rows(1)], 1);
      expect(next_cursor).toMatch(/^[\w-]{22}$/);
      expect(idFromCursor(next_cursor ?? '')).toBe(row.id);
    }
  });
});

describe('idFromCursor', () => {
  it('reads each id in one way of writing only', () => {
    const cursor = Buffer.from(newId().replaceAll('-', ''), 'hex').toString('base64url');
    const last = cursor.at(-1) ?? '';
    // The last letter holds four bits that no byte has.
    const other = String.fromCharCode(last.charCodeAt(0) + 1);
    const bad = ['', ' ', cursor.slice(1), `${cursor}A`, `${cursor}==`, ` ${cursor}`, cursor.slice(0, -1) + other];
    for (const text of [...bad, newId(), 'null', '[object Object]', '\0'])
      expect(() => idFromCursor(text), text).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });
});
