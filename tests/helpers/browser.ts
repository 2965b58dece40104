import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PICTURES = join(import.meta.dirname, '../../node_modules/.cache/pictures');

/** Part of a title: why the tests of a browser do not run. */
export const withoutBrowser = existsSync(CHROMIUM) ? '' : ' (skipped: chromium is not installed)';

/** Starts a browser that finds `localhost:8000` at another port of the loopback. */
export async function startBrowser(port: number): Promise<Browser> {
  const rules = `--host-resolver-rules=MAP localhost:8000 127.0.0.1:${port}`;
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, rules] });
}

/** What axe-core finds: each rule with the places that break it. By default all its rules; a mail, which is no page, has WCAG's alone. */
export async function findingsOf(page: Page, rules: 'all' | 'wcag' = 'all'): Promise<string[]> {
  // Not by a tag, which the page's policy forbids.
  await page.evaluate(axe.source);
  const options = rules === 'all' ? {} : { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
  return page.evaluate(`axe.run(${JSON.stringify(options)}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
}

/** Keeps a picture of the whole page for people, in node_modules/.cache/pictures. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const path = join(PICTURES, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, fullPage: true });
}

/** No finding of axe and nothing beside the window, in light and dark; and pictures for people. */
export async function examine(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await takePicture(page, `${name}-${colorScheme}-${width}`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(width);
    }
    expect(await findingsOf(page), `${name} ${colorScheme}`).toEqual([]);
  }
}

/** The lines in which a text stands. */
export const linesOf = (text: Locator): Promise<string[]> =>
  text.evaluate((cell) => {
    const page = cell.ownerDocument;
    const range = page.createRange();
    const lines = new Map<number, string>();
    // Its texts.
    const walker = page.createTreeWalker(cell, 4);
    while (walker.nextNode() !== null)
      for (const index of [...(walker.currentNode.textContent ?? '')].keys()) {
        range.setStart(walker.currentNode, index);
        range.setEnd(walker.currentNode, index + 1);
        const { top } = range.getBoundingClientRect();
        lines.set(top, (lines.get(top) ?? '') + String(range));
      }
    return [...lines.values()];
  });
