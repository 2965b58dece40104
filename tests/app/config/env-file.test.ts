// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such references are what is tested
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readEnvFile } from '../../../src/app/config/env-file.ts';
import { decodeText } from '../../../src/app/utils/text-files.ts';
import { back } from '../../helpers/back.ts';

const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Buffer, environment: Record<string, string> = {}): Record<string, string | undefined> {
  const path = join(folder, '.env');
  writeFileSync(path, content);
  return readEnvFile(path, environment);
}

describe('.env', () => {
  const text = 'ENVIRONMENT=production\nHOST="häßlich"\n# PORT=1\n';
  const values = { ENVIRONMENT: 'production', HOST: 'häßlich' };

  it.each<[what: string, content: Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, as PowerShell writes it', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, the other way round', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['CR alone', Buffer.from(text.replaceAll('\n', '\r'))],
    ['no line end at its end', Buffer.from(text.trimEnd())],
  ])('is read as %s', (_, content) => {
    expect(read(content)).toEqual(values);
  });

  it('in another encoding is refused by its line', () => {
    expect(() => read(Buffer.from('A=1\r\nB=2\r\nC=h\u00e4', 'latin1'))).toThrow(
      '.env is not UTF-8 in line 3: save it in that encoding',
    );
  });

  it('expands ${NAME} from the process first, then from the file, whatever the order', () => {
    const file =
      'URL="postgresql://${USER_NAME}:${SECRET}@${HOST:-localhost}/${DB:-app}"\nUSER_NAME=ann\nDB=\nSECRET=${PART}y\nPART=x\n';
    expect(read(file, { USER_NAME: 'bob' }).URL).toBe('postgresql://bob:xy@localhost/app');
  });

  it('leaves single quotes, \\${ and $NAME as they are', () => {
    expect(read("A='${B}'\nC=\\${B}\nD=$B$$\nE='x'\nE=${F}\nF=y\n")).toMatchObject({
      A: '${B}',
      C: '${B}',
      D: '$B$$',
      E: 'y',
    });
  });

  it('names what is not set, and what refers to itself', () => {
    expect(() => read('A=${NOWHERE}\nB=${C}\nC=${B}\n')).toThrow(
      /\.env has \$\{NOWHERE\} in A, which is not set.*\n.*\$\{B\} in C/,
    );
  });

  it('is a sentence for every command', async () => {
    writeFileSync(join(folder, '.env'), 'DATABASE_URL=postgresql://u:${PASSWORD}@h/d\n');
    for (const args of [['current'], ['env'], ['users', 'list']]) {
      const { code, stderr } = await back(args, { cwd: folder });
      expect([code, stderr.split(';')[0]]).toEqual([
        1,
        'The configuration cannot be used:\n  .env has ${PASSWORD} in DATABASE_URL, which is not set',
      ]);
    }
  });
});

it('a text may begin with a mark, and keeps every other character', () => {
  expect(decodeText(Buffer.from('\ufeffa\ufeff\u2028b\rc\r\nd'))).toBe('a\ufeff\u2028b\nc\nd');
});
