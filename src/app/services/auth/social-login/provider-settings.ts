import type { Config } from '../../../config.ts';
import type { EmailAddress } from '../../../utils/emails.ts';
import type { Secret } from '../../../utils/secret.ts';
import { publicUrl } from '../../system/mail-links.ts';

/** What an id token, or the provider's answer about a person, says of an address. */
export interface AddressClaims {
  email: EmailAddress;
  /** The domain that Google says an account is managed by. */
  hd?: unknown;
}

/** A configured provider. Google, Microsoft and Apple are OpenID Connect with some data on top. */
export interface ProviderSettings {
  readonly id: string;
  readonly label: string;
  readonly kind: 'openid' | 'github';
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: Secret<string> | undefined;
  readonly native_client_ids: readonly string[];
  readonly scope: string;
  /** Apple posts its answer if it is asked for an address. */
  readonly response_mode?: 'form_post';
  /** Where the provider sends the browser back to. */
  readonly redirect_uri: string;
  /** True if the provider has authority over the address, so that its word proves the mailbox. */
  readonly hasAuthority: (claims: AddressClaims) => boolean;
}

const NOBODY = (): boolean => false;
const OPENID_SCOPE = 'openid email profile';

/** The providers of a configuration, in the order in which they are shown. */
export function providerSettings(config: Config): ProviderSettings[] {
  const known: ProviderSettings[] = [
    {
      ...{ id: 'google', label: 'Google', kind: 'openid', scope: OPENID_SCOPE },
      ...{ issuer: config.oauth_google_issuer, client_id: config.oauth_google_client_id },
      ...{ client_secret: config.oauth_google_client_secret, native_client_ids: config.oauth_google_native_client_ids },
      ...{ redirect_uri: callbackOf(config, 'google'), hasAuthority: isGoogles },
    },
    {
      ...{ id: 'microsoft', label: 'Microsoft', kind: 'openid', scope: OPENID_SCOPE },
      ...{ issuer: config.oauth_microsoft_issuer, client_id: config.oauth_microsoft_client_id },
      client_secret: config.oauth_microsoft_client_secret,
      native_client_ids: config.oauth_microsoft_native_client_ids,
      ...{ redirect_uri: callbackOf(config, 'microsoft'), hasAuthority: NOBODY },
    },
    {
      ...{ id: 'apple', label: 'Apple', kind: 'openid', scope: 'openid email name', response_mode: 'form_post' },
      ...{ issuer: config.oauth_apple_issuer, client_id: config.oauth_apple_client_id },
      ...{ client_secret: config.oauth_apple_client_secret, native_client_ids: config.oauth_apple_native_client_ids },
      ...{ redirect_uri: callbackOf(config, 'apple'), hasAuthority: NOBODY },
    },
    {
      ...{ id: 'github', label: 'GitHub', kind: 'github', scope: 'user:email' },
      ...{ issuer: config.oauth_github_url, client_id: config.oauth_github_client_id },
      ...{ client_secret: config.oauth_github_client_secret, native_client_ids: [] },
      ...{ redirect_uri: callbackOf(config, 'github'), hasAuthority: NOBODY },
    },
  ];
  const others = config.oidc_providers.map(
    ({ domains, ...provider }): ProviderSettings => ({
      ...provider,
      ...{ kind: 'openid', scope: OPENID_SCOPE, native_client_ids: [] },
      redirect_uri: callbackOf(config, provider.id),
      hasAuthority: ({ email }) => domains.includes(domainOf(email)),
    }),
  );
  return [...known.filter(({ client_id }) => client_id !== ''), ...others];
}

/** Google says of each address whether it is verified, but it runs the mailboxes of gmail.com and of managed domains alone. */
function isGoogles({ email, hd }: AddressClaims): boolean {
  const domain = domainOf(email);
  return domain === 'gmail.com' || domain === hd;
}

function callbackOf(config: Config, id: string): string {
  return `${publicUrl(config)}/auth/oauth/${id}/callback`;
}

function domainOf(email: EmailAddress): string {
  return email.slice(email.lastIndexOf('@') + 1);
}
