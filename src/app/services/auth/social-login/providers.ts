import type { Core } from '../../../core.ts';
import { withinDeadline } from '../../../utils/deadline.ts';
import { AppError } from '../../../utils/errors.ts';
import { printable } from '../../../utils/printable.ts';
import { createGitHub } from './github.ts';
import { createOpenidProvider } from './openid-client.ts';
import type { Provider } from './provider.ts';
import { type ProviderSettings, providerSettings } from './provider-settings.ts';

/** The providers that are configured. */
export interface Providers {
  list: () => { id: string; label: string }[];
  /** Throws provider_not_found. */
  get: (id: string) => Provider;
}

const RETRY_AFTER_SECONDS = 5;
/** All requests of one step together. */
const DEADLINE_MS = 9000;

/** Nothing is loaded and no provider is asked until the first sign-in. */
export function createProviders(core: Pick<Core, 'config' | 'clock' | 'log'>): Providers {
  const providers = new Map(providerSettings(core.config).map((settings) => [settings.id, bounded(core, settings)]));
  return {
    list: () => [...providers.values()].map(({ id, label }) => ({ id, label })),
    get: (id) => {
      const provider = providers.get(id);
      if (provider === undefined) throw new AppError('provider_not_found');
      return provider;
    },
  };
}

function bounded(core: Pick<Core, 'clock' | 'log'>, settings: ProviderSettings): Provider {
  const provider = settings.kind === 'github' ? createGitHub(settings) : createOpenidProvider(settings, core);
  const { authorizationUrl, redeem, verifyIdToken } = provider;
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await withinDeadline(DEADLINE_MS, work());
    } catch (error) {
      throw translated(core, settings, error);
    }
  };
  return {
    ...provider,
    authorizationUrl: (checks) => ask(() => authorizationUrl(checks)),
    redeem: (query, checks) => ask(() => redeem(query, checks)),
    ...(verifyIdToken && { verifyIdToken: (token: string, nonce: string) => ask(() => verifyIdToken(token, nonce)) }),
  };
}

/** The error's text alone is logged: its parts hold the provider's answer, and so its tokens. */
function translated({ log }: Pick<Core, 'log'>, { id: provider }: ProviderSettings, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { message, code }: { message: string; code?: unknown } = error instanceof Error ? error : new Error('unknown');
  const reason = printable(`${message} ${typeof code === 'string' ? code : ''}`.slice(0, 200).trim());
  log.warn({ event: 'oauth.provider_failed', provider, reason }, 'a provider did not prove who signs in');
  const isUntrue = typeof code === 'string' && UNTRUE.test(code);
  return isUntrue
    ? new AppError('one_time_token_invalid')
    : new AppError('service_unavailable', { retry_after: RETRY_AFTER_SECONDS });
}

/** The codes of openid-client for an answer, or a token, that was read and does not hold. */
const UNTRUE =
  /^(OAUTH_(INVALID_RESPONSE|PARSE_ERROR|JWT_\w+|KEY_SELECTION_FAILED|UNSUPPORTED_OPERATION|RESPONSE_BODY_ERROR|AUTHORIZATION_RESPONSE_ERROR)|ERR_INVALID_ARG_\w+)$/;
