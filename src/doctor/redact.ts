import { parseConninfo } from '../app/utils/conninfo.ts';
import type { Diagnosis } from './diagnose.ts';
import type { ReadableConfig } from './observation.ts';
import { passwordIn } from './passwords.ts';

/** What is shorter would be found in any sentence. */
const SHORTEST = 6;

/** Takes every secret of the configuration out of the sentences, should an error of a driver or a server have repeated one. */
export function redacted(
  { counts, groups }: Diagnosis,
  { config, given = [] }: { config: ReadableConfig; given?: readonly string[] },
): Diagnosis {
  const secrets = secretsOf(config, given);
  const hide = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  return {
    counts,
    groups: groups.map(({ heading, findings }) => ({
      heading,
      findings: findings.map((finding) => ({ ...finding, message: hide(finding.message), fix: finding.fix.map(hide) })),
    })),
  };
}

/** The longest first: one may be part of another. `given` are the URLs as they were written: one that is refused is in no configuration. */
function secretsOf(
  { secret_key, previous_secret_keys, database_url, redis_url, smtp_url }: ReadableConfig,
  given: readonly string[],
): string[] {
  const urls = [database_url, redis_url, smtp_url]
    .flatMap((url) => (url === undefined ? [] : [url.reveal()]))
    .concat(given);
  return [secret_key?.reveal() ?? '', ...previous_secret_keys.reveal(), ...urls.flatMap(passwordsOf)]
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
}

/** The password, plain and percent-encoded; none if it equals a name that is not secret. */
function passwordsOf(url: string): string[] {
  try {
    const password = passwordIn(url);
    return namesIn(url).includes(password) ? [] : [password, encodeURIComponent(password)];
  } catch {
    // Text that is no connection string at all: the sentence about it repeats none of it.
    return [];
  }
}

/** The names in the URL, which are not secret. */
function namesIn(url: string): (string | undefined)[] {
  if (/^(rediss?|smtps?):/.test(url)) return [new URL(url).username];
  const { keywords } = parseConninfo(url);
  return [keywords.get('user'), keywords.get('dbname')];
}
