/** The password in a URL, empty where it has none. */
export function passwordIn(url: string): string {
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    // A percent sign that nobody escaped.
    return password;
  }
}
