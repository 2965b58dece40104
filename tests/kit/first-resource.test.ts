import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from 'pg-devdb/throw-away';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { createWholeCopy, type WholeCopy } from '../helpers/whole-copy.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/first-resource.md'), 'utf8');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let product: WholeCopy;
let port: number;
let origin: string;
let server: ReturnType<WholeCopy['start']>;
const page = createServer((request, response) => {
  const name = request.url === '/' ? 'index.html' : 'client.js';
  response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/html');
  response.end(product.read(`page/${name}`));
});

/** The guide's commands and files in their order, on this test's ports. */
function stepsOf(): { language: string; text: string }[] {
  return [...GUIDE.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', text = '']) => ({
    language,
    text: text.replaceAll('localhost:8000', `localhost:${port}`).replaceAll('http://localhost:5173', origin),
  }));
}

/** What stands in for a command that a test cannot type: installed already, or served by the test itself. */
const INSTEAD: [RegExp, (line: string) => Promise<void>][] = [
  [/^npm ci$/, async () => {}],
  [/^CORS_ORIGINS=\S+ npm run dev$/, startDev],
  [
    /^node (\S+)$/,
    async (line) => succeeds(await product.node(line.slice('node '.length)), 'Feed the cat\nWater the plants\n'),
  ],
  [/^python3 -m http\.server 5173/, async () => {}],
  [/^npm test -- /, async (line) => expect(await product.failuresOf(line.slice('npm test -- '.length))).toEqual([])],
];

async function startDev(): Promise<void> {
  server = product.start('dev');
  await untilServed();
}

async function untilServed(path = '/health/live'): Promise<void> {
  const deadline = performance.now() + 60_000;
  const isServed = (): Promise<boolean> =>
    fetch(`http://localhost:${port}${path}`).then(
      ({ status }) => status !== 404,
      () => false,
    );
  while (!(await isServed())) {
    if (performance.now() > deadline) throw new Error(`${path} is not served`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function succeeds({ code, stdout, stderr }: Awaited<ReturnType<WholeCopy['shell']>>, output?: string): void {
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  if (output !== undefined) expect(stdout).toBe(output);
}

async function type(line: string): Promise<void> {
  const [, instead] = INSTEAD.find(([pattern]) => pattern.test(line)) ?? [];
  if (instead !== undefined) return instead(line);
  succeeds(await product.shell(line));
  // The server reloads by itself.
  if (line.includes('upgrade')) await untilServed('/notes');
}

describe('docs/guides/first-resource.md', () => {
  beforeAll(async () => {
    [database, port] = await Promise.all([createTestDatabase(), freePort()]);
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    // A TCP server's address is never a path.
    origin = `http://localhost:${(page.address() as AddressInfo).port}`;
    product = createWholeCopy(database.url);
    Object.assign(product.env, { PORT: String(port), CORS_ORIGINS: origin });
    writeFileSync(join(product.root, '.gitignore'), 'node_modules\n.programs\n.cache\n.env\n');
    const identity = '-c user.name=Ada -c user.email=ada@example.com';
    succeeds(await product.shell(`git init -q && git add -A && git ${identity} commit -qm 'a clone'`));
  });
  afterAll(async () => {
    const ended = server && new Promise((resolve) => server.once('exit', resolve));
    server?.kill('SIGTERM');
    await ended;
    page.close();
    product?.end();
    await database?.drop();
  });

  it('leads from a clone to rows in a terminal and a passing test, by its own commands', {
    timeout: 900_000,
  }, async () => {
    for (const { language, text } of stepsOf()) {
      if (language === 'sh') for (const line of text.trim().split('\n')) await type(line);
      else {
        const [, path = ''] = /^(?:\/\/|<!--) (\S+)/.exec(text) ?? [];
        const file = join(product.root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
  });

  it.skipIf(withoutBrowser !== '')(
    `shows them in a page that keeps its login over a reload${withoutBrowser}`,
    async () => {
      const browser: Browser = await startBrowser(port);
      try {
        const tab = await browser.newPage();
        const logins: string[] = [];
        tab.on(
          'request',
          (request) =>
            request.url().endsWith('/auth/login') && request.method() === 'POST' && logins.push(request.url()),
        );
        for (const _ of ['opened', 'reloaded']) {
          await tab.goto(origin);
          await tab.locator('li').nth(1).waitFor();
          expect(await tab.locator('li').allInnerTexts()).toEqual(['Feed the cat', 'Water the plants']);
        }
        expect(logins).toHaveLength(1);
      } finally {
        await browser.close();
      }
    },
  );
});
