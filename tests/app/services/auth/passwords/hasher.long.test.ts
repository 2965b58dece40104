import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { describe, expect, it } from 'vitest';
import { createPasswordHasher, requireReadableHash } from '../../../../../src/app/services/auth/passwords/hasher.ts';
import { nobodyAt } from '../../../../../src/app/services/auth/passwords/refusal-time.ts';
import { PASSWORD, startApi, testConfig } from '../../../../helpers/api.ts';
import { casesOf, isShortForm } from '../../../../helpers/short-form.ts';

/** An odd number: the one in the middle counts. */
const ROUNDS = isShortForm ? 3 : 7;
const FOREIGN = [
  // The reference implementation's own test vector.
  {
    password: 'password',
    hash: '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  },
  // RFC 7914 §12, third vector, in PHC form.
  {
    password: 'pleaseletmein',
    hash: '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw',
  },
  // The example of Firebase's own scrypt tool.
  {
    password: 'user1password',
    hash: '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  },
  // As PHP and Debian's crypt(3) write it.
  { password: 'rasmuslerdorf', hash: '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq' },
];

const api = startApi({ BCRYPT_COST: '10' });
const BUDGET = { hashes: availableParallelism(), hash_bytes: 512 * 1024 * 1024 };
const hasherAt = (cost: number) =>
  createPasswordHasher(testConfig('postgres://localhost/x', { BCRYPT_COST: String(cost) }), BUDGET);
const hasher = hasherAt(10);

describe('a hash of another system', () => {
  it.each(FOREIGN)('verifies $hash with its password alone', async ({ password, hash }) => {
    expect(await hasher.verify(password, hash)).toBe(true);
    expect(await hasher.verify(`${password} `, hash)).toBe(false);
    expect(await hasher.verify('', hash)).toBe(false);
    expect(hasher.needsRehash(hash, password)).toBe(true);
  });

  it('that takes far longer than ours leaves one of several places to others', async () => {
    const two = createPasswordHasher(testConfig('postgres://localhost/x'), { ...BUDGET, hashes: 2 });
    const costly = await bcrypt.hash(PASSWORD, 13);
    const own = await two.hash(PASSWORD);
    const ended: string[] = [];
    const guesses = Array.from({ length: 3 }, () =>
      two.verify('wrong', costly, 'guesser').then(() => void ended.push('guess')),
    );
    expect(await two.verify(PASSWORD, own, 'owner')).toBe(true);
    expect(ended).toEqual([]);
    expect(two.queue.running).toBe(1);
    await Promise.all(guesses);
    expect(two.queue.running).toBe(0);
  });

  it('is kept where bcrypt would not read the whole password', async () => {
    const [{ hash }] = FOREIGN as [(typeof FOREIGN)[0]];
    expect(hasher.needsRehash(hash, 'ä'.repeat(37))).toBe(false);
    expect(hasher.needsRehash(hash, 'nul\0l')).toBe(false);
  });

  it.each([
    ['of no known scheme', 'pbkdf2_sha256$600000$salt$hash'],
    ['of no known scheme', '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['malformed', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$%%%'],
    ['malformed', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$c2hvcnQ'],
    ['malformed', '$scrypt$ln=0,r=8,p=1$c2FsdA$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+'],
    ['costs more', '$argon2id$v=19$m=1048576,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['costs more', '$argon2id$v=19$m=65536,t=99,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['costs more', '$scrypt$ln=24,r=8,p=1$c2FsdA$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+'],
  ])('is refused as one that %s: %s', async (reason, hash) => {
    expect(() => requireReadableHash(hash)).toThrow(reason);
    expect(await hasher.verify('password', hash)).toBe(false);
  });

  it.each(casesOf([FOREIGN[2], FOREIGN[0], { hash: nobodyAt(13) }], 2, 1))(
    'is refused in the time of an unknown account: $hash',
    async (foreign) => {
      const busy = hasherAt(11);
      // The processor's time, in which others on the machine do not count.
      const time = async (hash: string | undefined): Promise<number> => {
        const before = process.cpuUsage();
        expect(await busy.verify('wrong', hash)).toBe(false);
        const { user, system } = process.cpuUsage(before);
        return user + system;
      };
      await time(foreign?.hash);
      const ratios: number[] = [];
      for (let round = 0; round < ROUNDS; round++) ratios.push((await time(foreign?.hash)) / (await time(undefined)));
      const median = ratios.toSorted((a, b) => a - b)[(ROUNDS - 1) / 2];
      expect(median).toBeGreaterThan(0.6);
      expect(median).toBeLessThan(1.6);
    },
  );
});

describe('POST /auth/login', () => {
  const storedHash = async (id: string): Promise<string | undefined> =>
    (await api.sql<{ password_hash: string }>('select password_hash from users where id = $1', [id]))[0]?.password_hash;
  const login = (email: string, password: string) =>
    api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });

  it.each(FOREIGN)('replaces $hash by bcrypt at the first right password', async ({ password, hash }) => {
    const user = await api.user();
    await api.sql('update users set password_hash = $2 where id = $1', [user.id, hash]);
    expect((await login(user.email, `not ${password}`)).json().code).toBe('invalid_credentials');
    expect(await storedHash(user.id)).toBe(hash);
    expect((await login(user.email, password)).statusCode).toBe(200);
    const stored = (await storedHash(user.id)) ?? '';
    expect(stored).toMatch(/^\$2b\$10\$/);
    expect(await bcrypt.compare(password, stored)).toBe(true);
    expect((await login(user.email, password)).statusCode).toBe(200);
  });

  it('never lets anybody into an account without a password', async () => {
    const user = await api.user();
    await api.sql(`update users set password_hash = '!' where id = $1`, [user.id]);
    for (const password of ['!', PASSWORD, ' ']) {
      expect((await login(user.email, password)).json().code).toBe('invalid_credentials');
    }
  });
});
