import { type Finding, fail, ok, warn } from '../finding.ts';
import type { Look, MailDomain, MailObservation, MailServer, ReadableConfig } from '../observation.ts';

/** Whether mails can go out, are likely to be believed, and have links that lead somewhere. */
export function checkMail(config: ReadableConfig, mail: MailObservation | undefined): Finding[] {
  if (mail === undefined) return [...unset(config), ...links(config)];
  return [server(mail.server), ...(mail.domain === undefined ? [] : domain(mail.domain)), ...links(config)];
}

/** Development has its mails in /dev/mails. Of a server that was not looked at nothing is said. */
function unset({ environment, smtp_url }: ReadableConfig): Finding[] {
  if (environment !== 'production' || smtp_url !== undefined) return [];
  return [
    warn(
      'smtp',
      'SMTP_URL is not set: nobody can reset a password or verify an address, and mails wait',
      'SMTP_URL=smtp://user:password@host:587, MAIL_FROM and PUBLIC_URL; see docs/guides/mail.md',
    ),
  ];
}

function server(look: Look<MailServer>): Finding {
  if ('failure' in look)
    return fail(
      'smtp',
      `The mail server of SMTP_URL cannot be used, so mails wait: ${look.failure}`,
      'see its host, port, user and password; smtps:// for port 465, smtp:// for 587; ?ca= for a private authority',
      'npx back mail test you@example.com',
    );
  const { address, is_local, signs_in, encryption, reason = '' } = look.seen;
  const login = signs_in ? 'and takes our login' : 'without a login';
  if (encryption === 'verified') return ok('smtp', `The mail server at ${address} answers over verified TLS ${login}`);
  if (is_local) return ok('smtp', `The mail server at ${address} answers on this machine ${login}`);
  return warn(
    'smtp',
    `The mail server at ${address} answers ${login}, but over no verified TLS (${reason}): links to accounts can be read on the way`,
    'a certificate for its host, then SMTP_URL without ?requireTLS=false',
  );
}

function domain(look: Look<MailDomain | undefined>): Finding[] {
  if ('failure' in look)
    return [warn('mail_domain', `The domain of MAIL_FROM could not be looked up: ${look.failure}`)];
  if (look.seen === undefined)
    return [
      warn(
        'mail_domain',
        'The sender has no public domain, so other servers refuse its mails or take them for spam',
        'MAIL_FROM=Example <no-reply@example.com>',
      ),
    ];
  const { domain, spf, dmarc, has_keys } = look.seen;
  return [
    record('spf', spf, { has: `SPF of ${domain} is published`, lacks: `${domain} has no SPF record` }),
    record('dkim', has_keys, { has: `${domain} has DKIM keys`, lacks: `${domain} has no DKIM key (_domainkey)` }),
    record('dmarc', dmarc, { has: `DMARC of ${domain} is published`, lacks: `${domain} has no DMARC record` }),
  ];
}

function record(
  check: string,
  look: Look<MailDomain['domain'] | boolean | undefined>,
  { has, lacks }: { has: string; lacks: string },
): Finding {
  if ('failure' in look) return warn(check, `The name server did not say: ${look.failure}`);
  if (look.seen) return ok(check, has);
  return warn(check, `${lacks}: mails land among spam or are refused`, 'the record that your mail service asks for');
}

/** The links come from PUBLIC_URL and APP_URL alone. */
function links({ environment, public_url, app_url, pages_enabled, smtp_url }: ReadableConfig): Finding[] {
  if (smtp_url === undefined && public_url === '') return [];
  if (!pages_enabled && app_url === '')
    return [
      fail(
        'links',
        'The links of mails lead to /account, and PAGES_ENABLED is false',
        'APP_URL, or PAGES_ENABLED=true',
      ),
    ];
  const isLocal = (url: string): boolean => /^https?:\/\/(localhost|127\.|\[::1\])/.test(url);
  const urls = [public_url, app_url].filter((url) => url !== '');
  const local = urls.find(isLocal);
  if (environment === 'production' && local !== undefined)
    return [
      fail(
        'links',
        `The links of mails lead to ${local}, which is the reader's own machine`,
        'PUBLIC_URL=https://api.example.com',
      ),
    ];
  const clear = urls.find((url) => url.startsWith('http:') && !isLocal(url));
  if (clear !== undefined)
    return [
      warn(
        'links',
        `The links of mails lead to ${clear}: their tokens and the passwords travel in clear`,
        'an https:// URL',
      ),
    ];
  return [ok('links', `The links of mails lead to ${app_url || `${public_url || 'this machine'}/account`}`)];
}
