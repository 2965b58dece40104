import { expect, onTestFinished } from 'vitest';
import { codeOfStep, fromBase32, stepsAt } from '../../src/app/services/auth/factors/totp.ts';
import { PASSWORD, startApi, type TestApi, type TestUser } from './api.ts';

/** An authenticator app that was added to an account. */
export interface Authenticator {
  id: string;
  secret: string;
  /** The code of the present step; each counts once, so a test moves the clock before the next. */
  code: () => string;
  recovery_codes: string[];
}

export interface FactorApi {
  api: TestApi;
  /** Moves the application's clock by the seconds of one step, or more. */
  pass: (seconds?: number) => void;
  /** Stops the clock at the beginning of a step, up to the end of the test: only `pass` moves it. */
  stop: () => void;
  /** A registered user with a verified address. */
  verified: () => Promise<TestUser>;
  /** Adds an authenticator app to the account. */
  enrol: (user: TestUser) => Promise<Authenticator>;
  /** A login by password that must be challenged; gives its token. */
  challenge: (user: Pick<TestUser, 'email'>) => Promise<string>;
  post: (url: string, payload: object, token?: string) => ReturnType<TestApi['request']>;
}

/** The application with a clock that the test moves, since a code counts once. */
export function startFactorApi(settings: Record<string, string> = {}): FactorApi {
  let moved = 0;
  let stopped: number | undefined;
  const clock = { now: () => new Date((stopped ?? Date.now()) + moved * 1000) };
  const api = startApi(settings, { clock });
  const post: FactorApi['post'] = (url, payload, token) =>
    api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
  const codeOf = (secret: string): string => codeOfStep(fromBase32(secret), stepsAt(clock.now())[0] ?? 0);
  return {
    api,
    post,
    pass: (seconds = 60) => {
      moved += seconds;
    },
    stop: () => {
      stopped = Date.now();
      moved += 30 - ((clock.now().getTime() / 1000) % 30);
      onTestFinished(() => {
        stopped = undefined;
      });
    },
    verified: async () => {
      const user = await api.user();
      await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
      return user;
    },
    enrol: async ({ access_token }) => {
      const begun = await post('/auth/me/factors', { type: 'totp', name: 'Phone' }, access_token);
      expect(begun.statusCode, begun.body).toBe(201);
      const { id, secret } = begun.json<{ id: string; secret: string }>();
      const active = await post(`/auth/me/factors/${id}/activate`, { code: codeOf(secret) }, access_token);
      expect(active.statusCode, active.body).toBe(200);
      moved += 60;
      return { id, secret, code: () => codeOf(secret), recovery_codes: active.json().recovery_codes };
    },
    challenge: async ({ email }) => {
      const answer = await post('/auth/login', { email, password: PASSWORD });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'mfa_required']);
      return answer.json().mfa_token;
    },
  };
}
