import { expect } from 'vitest';
import type { TestUser } from './api.ts';
import { type FactorApi, startFactorApi } from './authenticator.ts';
import {
  type AssertedJson,
  type Authenticator,
  type CreationOptions,
  type Deviation,
  type RequestOptions,
  softAuthenticator,
} from './soft-authenticator.ts';

type Answer = ReturnType<FactorApi['post']>;

/** What a test does with passkeys. */
export interface PasskeyCalls {
  /** What `POST /auth/passkeys/options` answers. */
  requestOptions: () => Promise<{ challenge_id: string; options: RequestOptions }>;
  /** What `POST /auth/me/passkeys/options` answers to an account that may add one. */
  creationOptions: (token: string) => Promise<{ challenge_id: string; options: CreationOptions }>;
  /** Adds the authenticator's passkey to the account, and gives the answer. */
  add: (user: { access_token: string }, authenticator: Authenticator, name?: string) => Promise<AddedPasskey>;
  /** An answer to a new challenge. */
  answer: (
    authenticator: Authenticator,
    deviation?: Deviation,
  ) => Promise<{ challenge_id: string; credential: AssertedJson }>;
  login: (authenticator: Authenticator, deviation?: Deviation) => Answer;
}

export interface AddedPasskey {
  id: string;
  name: string;
  backed_up: boolean;
  access_token?: string;
}

/** The ceremonies by the requests of a test. */
export function passkeyCalls(post: FactorApi['post']): PasskeyCalls {
  const options = async (url: string, token?: string) => {
    const answer = await post(url, {}, token);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
  const creationOptions: PasskeyCalls['creationOptions'] = (token) => options('/auth/me/passkeys/options', token);
  const requestOptions: PasskeyCalls['requestOptions'] = () => options('/auth/passkeys/options');
  const answer: PasskeyCalls['answer'] = async (authenticator, deviation) => {
    const { challenge_id, options } = await requestOptions();
    return { challenge_id, credential: authenticator.get(options, deviation) };
  };
  return {
    requestOptions,
    creationOptions,
    answer,
    add: async ({ access_token }, authenticator, name) => {
      const { challenge_id, options } = await creationOptions(access_token);
      const passkey = { challenge_id, credential: authenticator.create(options), ...(name !== undefined && { name }) };
      const answer = await post('/auth/me/passkeys', passkey, access_token);
      expect(answer.statusCode, answer.body).toBe(201);
      return answer.json();
    },
    login: async (authenticator, deviation) => post('/auth/passkeys/login', await answer(authenticator, deviation)),
  };
}

export interface PasskeyApi extends FactorApi, PasskeyCalls {
  /** A verified user with one passkey. */
  holder: (kind?: Parameters<typeof softAuthenticator>[0]) => Promise<TestUser & { authenticator: Authenticator }>;
}

/** The application for passkeys, on localhost. */
export function startPasskeyApi(settings: Record<string, string> = {}): PasskeyApi {
  const factorApi = startFactorApi(settings);
  const calls = passkeyCalls(factorApi.post);
  return {
    ...factorApi,
    ...calls,
    holder: async (kind) => {
      const user = await factorApi.verified();
      const authenticator = softAuthenticator(kind);
      await calls.add(user, authenticator);
      return { ...user, authenticator };
    },
  };
}
