import { list, oneOf, setting } from './settings.ts';

/** The settings of second factors; part of SETTINGS. */
export const FACTOR_SETTINGS = {
  MFA_REQUIRED_FOR: setting({
    section: 'Second factors',
    default: 'none',
    purpose:
      'Accounts that must have a second factor: none, admins or everybody. One that has none yet can only set it up; everybody requires EMAIL_VERIFICATION=required',
    parse: oneOf('none', 'admins', 'everybody'),
  }),
  WEBAUTHN_RP_ID: setting({
    section: 'Second factors',
    default: '',
    purpose:
      'Domain that passkeys belong to, such as example.com; empty: the host of PUBLIC_URL. Another one makes every passkey useless',
    parse: domain,
  }),
  WEBAUTHN_RP_NAME: setting({
    section: 'Second factors',
    default: '',
    purpose: 'Name that a browser shows with a passkey; empty: the name of the product',
    parse: rpName,
  }),
  WEBAUTHN_ORIGINS: setting({
    section: 'Second factors',
    default: '',
    purpose:
      'Origins whose pages and apps use passkeys, comma-separated, such as https://app.example.com or android:apk-key-hash:…; empty: those of PUBLIC_URL and APP_URL, and of CORS_ORIGINS as far as they are at WEBAUTHN_RP_ID or below it',
    parse: ceremonyOrigins,
  }),
};

/** What keeps an account from setting up the factor that it must have. */
export function* factorProblems(config: {
  readonly mfa_required_for?: string;
  readonly email_verification?: string;
}): Generator<string> {
  if (config.mfa_required_for === 'everybody' && config.email_verification === 'optional')
    yield 'MFA_REQUIRED_FOR=everybody requires EMAIL_VERIFICATION=required: an account sets up a factor only after its address is verified';
}

/** A domain in lower case, or localhost. An address is none (WebAuthn §5.1.2). */
function domain(text: string): string {
  if (text === '' || /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
    return text;
  throw new Error('must be a domain in lower case, such as example.com');
}

function rpName(text: string): string {
  if (text.length > 64) throw new Error('must be at most 64 characters');
  return text;
}

/** Browsers offer passkeys in secure contexts alone: https, and http on this machine. An Android app has the hash of its key. */
function ceremonyOrigins(text: string): readonly string[] {
  const words = list(text);
  for (const word of words) {
    if (!isSecureOrigin(word) && !/^android:apk-key-hash:[A-Za-z0-9_-]{27,86}$/.test(word))
      throw new Error(`has "${word}", which is not an origin such as https://app.example.com or http://localhost:5173`);
  }
  return words;
}

function isSecureOrigin(word: string): boolean {
  if (word.includes('*') || !URL.canParse(word)) return false;
  const { origin, protocol, hostname } = new URL(word);
  return origin === word && (protocol === 'https:' || (protocol === 'http:' && /^(.+\.)?localhost$/.test(hostname)));
}
