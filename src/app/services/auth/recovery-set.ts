import { createHmac } from 'node:crypto';
import { isSame } from './derived-tokens.ts';

/** What the codes of an account are derived from. */
interface RecoverySet {
  user_id: string;
  set_id: string;
}

const CODES = 10;
const CODE_LENGTH = 10;
/** Crockford's base 32: no I, L, O and U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The ten codes of a set, each of 50 bits: `7K3QD-M0XW9`. */
export function codesOf(key: Buffer, { user_id, set_id }: RecoverySet): string[] {
  return Array.from({ length: CODES }, (_, index) => {
    const mac = createHmac('sha256', key).update(['recovery', user_id, set_id, index].join('\0')).digest();
    const letters = [...mac.subarray(0, CODE_LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
    return `${letters.slice(0, CODE_LENGTH / 2)}-${letters.slice(CODE_LENGTH / 2)}`;
  });
}

/** The place of a code among those of a set; -1 if it is none of them. Case, hyphens and spaces do not count. */
export function indexOfCode(codes: readonly string[], given: string): number {
  const plain = plainCode(given);
  return codes.reduce((found, code, index) => (isSame(plain, plainCode(code)) ? index : found), -1);
}

/** How many codes of a set are unused; none without a set. */
export function countUnused(set: { used: number } | undefined): number {
  if (set === undefined) return 0;
  return Array.from({ length: CODES }, (_, index) => (set.used >> index) & 1).filter((bit) => bit === 0).length;
}

function plainCode(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '');
}
