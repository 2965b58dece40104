import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAside } from '../helpers/aside.ts';
import { installedAside } from '../helpers/installed-aside.ts';
import { casesOf } from '../helpers/short-form.ts';

const ROOT = join(import.meta.dirname, '../..');
const FRAMEWORKS = { react: 'React', vue: 'Vue', svelte: 'Svelte', 'react-native': 'React Native', nextjs: 'Next.js' };
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    strict: true,
    skipLibCheck: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
  include: ['src'],
};

/** The files of a guide by the path that their first line names. */
function filesOf(guide: string): [path: string, text: string][] {
  const text = readFileSync(join(ROOT, `docs/guides/${guide}.md`), 'utf8');
  return [...text.matchAll(/^```\w+\n(?:\/\/|<!--) (src\/\S+)(?: -->)?\n([\s\S]*?)^```/gm)].map(
    ([, path = '', file = '']) => [path, file],
  );
}

describe('the files of docs/guides compile with the client, of', () => {
  for (const [guide, name] of casesOf(Object.entries(FRAMEWORKS), 3, 1)) {
    it(name, { timeout: 600_000 }, async (context) => {
      const files = filesOf(guide);
      expect(files.length).toBeGreaterThan(0);
      const folder = await installedAside(`frameworks/${guide}`, context);
      for (const [path, text] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      copyFileSync(join(ROOT, 'packages/client/src/client.ts'), join(folder, 'src/client.ts'));
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
      const { code, output } = await runAside(folder, 'npm', 'run', 'check');
      expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    });
  }
});
