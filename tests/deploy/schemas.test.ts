import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const MANIFESTS = join(ROOT, 'deploy/kubernetes');

interface Resource {
  apiVersion: string;
  kind: string;
}

let folder: string;
const resources = readdirSync(MANIFESTS).flatMap((name) =>
  parseAllDocuments(readFileSync(join(MANIFESTS, name), 'utf8')).map((document): Resource => document.toJS()),
);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'back-manifests-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('deploy/kubernetes, against the types of the Kubernetes API', () => {
  it('has only fields that there are, with values of their types', () => {
    expect(resources).toHaveLength(9);
    expect(complaints(resources)).toBe('');
  });

  it.each([
    ['an unknown field', /"replicas":/, '"replica":'],
    ['an unknown field far inside', /"readOnlyRootFilesystem":/, '"readOnlyRootFileSystem":'],
    [
      'a field at the wrong level',
      /"terminationGracePeriodSeconds":30,"securityContext"/,
      '"periodSeconds":1,"securityContext"',
    ],
    ['a value of another type', /"containerPort":8000/, '"containerPort":"8000"'],
    ['a missing field', /"selector":\{"matchLabels":\{[^}]*\}\},"template"/, '"template"'],
    ['an old version', /"apps\/v1"/, '"apps/v1beta1"'],
    ['an unknown kind', /"Deployment"/, '"Deploymnt"'],
  ])('does not take %s', (_, from, to) => {
    const [deployment] = resources.filter(({ kind }) => kind === 'Deployment');
    const text = JSON.stringify(deployment);
    expect(text).toMatch(from);
    expect(complaints([JSON.parse(text.replace(from, to))])).toContain('error TS');
  });
});

/** What the compiler says of these as literals: of those it refuses fields that their types do not have. */
function complaints(documents: Resource[]): string {
  const lines = documents.map((document, index) => {
    const group = document.apiVersion === 'v1' ? 'core/v1' : document.apiVersion;
    const type = `import('kubernetes-types/${group}.d.ts').${document.kind}`;
    return `export const resource${index}: ${type} = ${JSON.stringify(document)};`;
  });
  writeFileSync(join(folder, 'resources.mts'), lines.join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, ...options, 'resources.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}
