import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'npmrc-'));
afterAll(() => rmSync(root, { recursive: true }));

it('.npmrc keeps npm from judging the Node of the machine at every command', () => {
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', engines: { node: '>=99' } }));
  const stderr = (): string =>
    spawnSync('npm', ['install', '--dry-run', '--offline'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: root },
    }).stderr;
  expect(stderr()).toContain('EBADENGINE');
  copyFileSync(join(import.meta.dirname, '../../.npmrc'), join(root, '.npmrc'));
  expect(stderr()).toBe('');
});
