import { describe, expect, it } from 'vitest';
import { back } from '../helpers/back.ts';
import { casesOf } from '../helpers/short-form.ts';

const COMMANDS = [
  ['current'],
  ['upgrade', 'head'],
  ['check'],
  ['users', 'list'],
  ['audit', 'verify'],
  ['env'],
  ['run'],
];

const STRINGS = [
  ['postgresql://u:hidden@h/d?sslmode=no-verify', 'DATABASE_URL has sslmode=no-verify; it must be one of'],
  ['postgresql://u:hidden@h/d?sslmode=verify-full&sslrootcert=/no/ca.pem', 'DATABASE_URL has sslrootcert=/no/ca.pem'],
  ['postgresql://u:hidden@h:many/d', 'DATABASE_URL has an address that is not host:port'],
] as const;

// In the short form each command meets one of them.
const cases = COMMANDS.map((args, index) => ({ name: args.join(' '), args, strings: casesOf(STRINGS, 3, index % 3) }));

describe.each(cases)('back $name', ({ args, strings }) => {
  it.each(strings)('names what it does not understand in %s, without a stack', async (DATABASE_URL, sentence) => {
    const { code, stderr, stdout } = await back(args, { env: { DATABASE_URL } });
    expect(code).toBe(1);
    expect(stderr).toContain(`The configuration cannot be used:\n  ${sentence}`);
    expect(stderr + stdout).not.toMatch(/hidden|^ +at /m);
  });
});
