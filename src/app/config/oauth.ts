import { parseEmail } from '../utils/emails.ts';
import { isLoopback } from '../utils/loopback.ts';
import { Secret } from '../utils/secret.ts';
import { type Environment, list, oneOf, type Setting, setting } from './settings.ts';

const SECTION = 'Social login';

/** The settings of social login and of OpenID Connect; part of SETTINGS. */
export const OAUTH_SETTINGS = {
  REGISTRATION: setting({
    section: SECTION,
    default: 'open',
    purpose:
      'open: everybody opens an account, by a form or with a provider; closed: administrators and the operator alone open one',
    parse: oneOf('open', 'closed'),
  }),
  OAUTH_REDIRECTS: setting<readonly string[]>({
    section: SECTION,
    default: '',
    purpose:
      'URLs of apps that a sign-in with a provider may lead back to, comma-separated and compared exactly, such as https://app.example.com/signed-in or com.example.app:/signed-in; the first one is the default; empty: PUBLIC_URL/account',
    parse: (text) => Object.freeze(list(text).map(redirect)),
  }),
  OAUTH_GOOGLE_CLIENT_ID: clientId('Google'),
  OAUTH_GOOGLE_CLIENT_SECRET: clientSecret('Google'),
  OAUTH_GOOGLE_ISSUER: issuerOf('Google', 'https://accounts.google.com'),
  OAUTH_GOOGLE_NATIVE_CLIENT_IDS: nativeClientIds('Google'),
  OAUTH_MICROSOFT_CLIENT_ID: clientId('Microsoft'),
  OAUTH_MICROSOFT_CLIENT_SECRET: clientSecret('Microsoft'),
  OAUTH_MICROSOFT_ISSUER: issuerOf('Microsoft', 'https://login.microsoftonline.com/common/v2.0'),
  OAUTH_MICROSOFT_NATIVE_CLIENT_IDS: nativeClientIds('Microsoft'),
  OAUTH_APPLE_CLIENT_ID: clientId('Apple'),
  OAUTH_APPLE_CLIENT_SECRET: clientSecret('Apple'),
  OAUTH_APPLE_ISSUER: issuerOf('Apple', 'https://appleid.apple.com'),
  OAUTH_APPLE_NATIVE_CLIENT_IDS: nativeClientIds('Apple'),
  OAUTH_GITHUB_CLIENT_ID: clientId('GitHub'),
  OAUTH_GITHUB_CLIENT_SECRET: clientSecret('GitHub'),
  OAUTH_GITHUB_URL: setting({
    section: SECTION,
    default: 'https://github.com',
    purpose:
      'GitHub, or a GitHub Enterprise Server. Any other OpenID Connect issuer is set by OIDC_<NAME>_ISSUER, OIDC_<NAME>_CLIENT_ID, OIDC_<NAME>_CLIENT_SECRET, OIDC_<NAME>_LABEL and OIDC_<NAME>_DOMAINS',
    parse: issuer,
  }),
};

/** An OpenID Connect issuer that is set by `OIDC_<NAME>_…`. */
export interface OidcProvider {
  /** The name in lower case. */
  readonly id: string;
  readonly label: string;
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: Secret<string> | undefined;
  /** The mail domains whose addresses the issuer has authority over. */
  readonly domains: readonly string[];
}

const OIDC_VARIABLE = /^OIDC_([A-Z0-9]+(?:_[A-Z0-9]+)*?)_(ISSUER|CLIENT_ID|CLIENT_SECRET|LABEL|DOMAINS)$/;
/** A name that OIDC_VARIABLE does not read, beside a word that it knows. */
const OIDC_MISNAMED = /^OIDC_.*_(ISSUER|CLIENT_ID|CLIENT_SECRET|LABEL|DOMAINS)$/i;
const TAKEN: ReadonlySet<string> = new Set(['google', 'microsoft', 'apple', 'github', 'providers', 'exchange']);
/** The sign-ins that a page can show. */
const MAX_PROVIDERS = 20;

/** The issuers of `OIDC_<NAME>_…`, by name, and one sentence for each variable that cannot be used. */
export function readOidcProviders(environment: Environment): { providers: OidcProvider[]; problems: string[] } {
  const names = new Set<string>();
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!text?.trim()) continue;
    const [, name] = OIDC_VARIABLE.exec(variable) ?? [];
    if (name !== undefined) names.add(name);
    else if (OIDC_MISNAMED.test(variable)) problems.push(`${variable} must be capitals and digits between underscores`);
  }
  const providers = [...names].sort().flatMap((name) => readOne(environment, name, problems));
  if (providers.length > MAX_PROVIDERS) problems.push(`OIDC_<NAME>_ISSUER names more than ${MAX_PROVIDERS} issuers`);
  return { providers, problems };
}

/** What keeps a provider from being used, though each setting alone can be. */
export function* oauthProblems(config: Readonly<Record<string, unknown>>): Generator<string> {
  for (const name of ['GOOGLE', 'MICROSOFT', 'APPLE', 'GITHUB']) {
    const id = config[`oauth_${name.toLowerCase()}_client_id`];
    const secret = config[`oauth_${name.toLowerCase()}_client_secret`];
    if (id && secret === undefined) yield `OAUTH_${name}_CLIENT_SECRET is required with OAUTH_${name}_CLIENT_ID`;
  }
}

function readOne(environment: Environment, name: string, problems: string[]): OidcProvider[] {
  const prefix = `OIDC_${name}`;
  const found = problems.length;
  const read = <T>(suffix: string, parse: (text: string) => T): T | undefined => {
    try {
      return parse(environment[`${prefix}_${suffix}`]?.trim() ?? '');
    } catch (error) {
      problems.push(`${prefix}_${suffix} ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  if (TAKEN.has(name.toLowerCase())) problems.push(`${prefix}_ISSUER has a name that is taken; choose another`);
  const address = read('ISSUER', (text) => issuer(required(text)));
  const client_id = read('CLIENT_ID', (text) => identifierOf(required(text)));
  const label = read('LABEL', labelOf);
  const domains = read('DOMAINS', (text) => Object.freeze(list(text).map(domain)));
  const client_secret = read('CLIENT_SECRET', (text) => (text === '' ? undefined : new Secret(secretOf(text))));
  if (problems.length > found || address === undefined || client_id === undefined) return [];
  const id = name.toLowerCase();
  return [{ ...{ id, client_id, client_secret }, issuer: address, label: label || name, domains: domains ?? [] }];
}

function clientId(provider: string): Setting<string> {
  const purpose = `Client id of this API at ${provider}; empty: no sign-in with ${provider}`;
  return setting({ section: SECTION, default: '', purpose, parse: (text) => (text === '' ? '' : identifierOf(text)) });
}

function clientSecret(provider: string): Setting<Secret<string> | undefined> {
  const kind = provider === 'Apple' ? ', a JWT that is signed by your key and lives at most six months' : '';
  return setting<Secret<string> | undefined>({
    section: SECTION,
    default: '',
    secret: true,
    purpose: `Client secret of this API at ${provider}${kind}`,
    parse: (text) => (text === '' ? undefined : new Secret(secretOf(text))),
  });
}

function issuerOf(provider: string, known: string): Setting<string> {
  const purpose = `Issuer of ${provider}, if it is another one`;
  return setting({ section: SECTION, default: known, purpose, parse: issuer });
}

function nativeClientIds(provider: string): Setting<readonly string[]> {
  const purpose = `Client ids of native apps at ${provider}, comma-separated, whose id tokens are taken too`;
  return setting<readonly string[]>({
    section: SECTION,
    default: '',
    purpose,
    parse: (text) => Object.freeze(list(text).map(identifierOf)),
  });
}

/** An https URL, or an http one on this machine, without query and fragment; it is compared as it is written. */
function issuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === '' && url.password === '' && !/[?#\s]/.test(text);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isPlain || !isSafe) throw new Error('must be an https URL such as https://id.example.com');
  return text;
}

/** An https URL, an http one on this machine, or one of a private scheme (RFC 8252 §7.1); without fragment. */
function redirect(text: string): string {
  const url = URL.canParse(text) && !/[#\s\\]/.test(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && isLoopback(url.hostname)) ||
    /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url?.protocol ?? '');
  if (url === undefined || !isSafe || url.username !== '' || text.length > 1000)
    throw new Error(`has "${text}", which is not an https URL or one of an app such as com.example.app:/signed-in`);
  return text;
}

function domain(text: string): string {
  const address = parseEmail(`a@${text}`);
  if (address === undefined) throw new Error(`has "${text}", which is not a domain such as example.com`);
  return address.slice(2);
}

function labelOf(text: string): string {
  if (text.length > 60 || /\p{Cc}/u.test(text)) throw new Error('must be a name of at most 60 characters');
  return text;
}

function required(text: string): string {
  if (text === '') throw new Error('is required beside the other variables of its name');
  return text;
}

/** RFC 6749 §A.2. */
function secretOf(text: string): string {
  if (!/^[\x20-\x7e]{1,4000}$/.test(text)) throw new Error('must be printable ASCII');
  return text;
}

function identifierOf(text: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw new Error('must be printable ASCII without spaces');
  return text;
}
