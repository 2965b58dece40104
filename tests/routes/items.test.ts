import { describe, expect, it } from 'vitest';
import { startApi } from '../helpers/api.ts';

const api = startApi();

describe('GET /items/{id}', () => {
  it('answers 404 for an item of somebody else, exactly as for one that does not exist', async () => {
    const [owner, stranger] = [await api.user(), await api.user()];
    const created = await api.request({
      method: 'POST',
      url: '/items',
      token: owner.access_token,
      payload: { title: 'mine' },
    });
    expect(created.statusCode).toBe(201);
    const foreign = await api.request({ url: `/items/${created.json().id}`, token: stranger.access_token });
    const unknown = await api.request({ url: `/items/${stranger.id}`, token: stranger.access_token });
    expect(foreign.statusCode).toBe(404);
    expect({ ...foreign.json(), request_id: '' }).toEqual({ ...unknown.json(), request_id: '' });
  });
});
