import { expect, it, onTestFinished } from 'vitest';
import { emulateGotrue } from '../../bench/tabs/gotrue.ts';

it('an emulated GoTrue takes a used token within ten seconds, and the parent of the active one later too; any other ends the session', async () => {
  let now = 0;
  const { port, close } = await emulateGotrue(() => now)();
  onTestFinished(close);
  const post = async (path: string, body: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}/auth/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const given = (await answer.json()) as { refresh_token: string; error_code?: string };
    return { status: answer.status, ...given };
  };
  const refresh = (refresh_token: string) => post('token?grant_type=refresh_token', { refresh_token });

  const first = await post('signup', { email: 'ada@example.com', password: 'a password' });
  const second = await refresh(first.refresh_token);
  now = 60_000;
  expect((await refresh(first.refresh_token)).refresh_token).toBe(second.refresh_token);
  const third = await refresh(second.refresh_token);
  now += 9000;
  const fourth = await refresh(third.refresh_token);
  expect([third.status, fourth.status]).toEqual([200, 200]);
  expect((await refresh(second.refresh_token)).status).toBe(200);
  now += 11_000;
  expect(await refresh(third.refresh_token)).toMatchObject({ status: 400, error_code: 'refresh_token_already_used' });
  expect((await refresh(fourth.refresh_token)).status).toBe(400);
});
