import { parseConninfo } from '../app/utils/conninfo.ts';

/** The password in a URL, empty if it has none. */
export function passwordIn(url: string): string {
  if (!/^(rediss?|smtps?):/.test(url)) return parseConninfo(url).keywords.get('password') ?? '';
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    // A percent sign that nobody escaped.
    return password;
  }
}
