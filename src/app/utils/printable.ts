/** The text without control characters, so that what a client sends cannot steer the operator's terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
