import { ServerResponse } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { startApi } from '../../helpers/api.ts';

const api = startApi();
afterEach(() => vi.restoreAllMocks());

it('/openapi.json is the same bytes in memory for every answer', async () => {
  const url = `http://127.0.0.1:${await api.listen()}/openapi.json`;
  const ends = vi.spyOn(ServerResponse.prototype, 'end');
  for (let time = 0; time < 2; time++) {
    const { openapi } = (await (await fetch(url)).json()) as { openapi: string };
    expect(openapi).toMatch(/^3\./);
  }
  const [first, second] = ends.mock.calls.map(([content]) => content as unknown);
  expect(first).toBeInstanceOf(Buffer);
  expect(second).toBe(first);
});
