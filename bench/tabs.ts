import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { EMPTY_PAGE, startRoughLine } from '../tests/helpers/rough-server.ts';
import { PASSWORD } from './fixtures.ts';
import { number } from './options.ts';
import { SUBJECTS, type Subject, type SubjectName } from './tabs/subjects.ts';

/** `npm run bench:tabs`: what a bad line does to the session of a browser with many tabs, by our client and by others. */
interface Options {
  clients: SubjectName[];
  seconds: number;
  tabs: number;
}

/** What a tab was answered, by the answers of its driver. */
interface Tab {
  signUp: (account: object) => Promise<void>;
  ask: () => Promise<keyof Counts>;
  counts: Counts;
  stop: boolean;
  work: () => Promise<void>;
}
interface Counts {
  done: number;
  failed: number;
  out: number;
}
declare const tab: Tab;

const CHROMIUM = '/usr/bin/chromium';
const ORIGIN = 'http://localhost:8000';
const LOSE_EVERY = 20;
const DELAY_EVERY = 7;
const RESTART_EVERY_MS = 15_000;
/** How often a tab that is signed in may fail before it answers, once the line is good again. */
const LAST_TRIES = 5;

const options = new Command('npm run bench:tabs --')
  .description('Work in ten tabs of Chromium while the server restarts, loses each 20th answer and delays each 7th')
  .addOption(
    new Option('--clients <names>', `only these, comma-separated: ${Object.keys(SUBJECTS).join(', ')}`)
      .argParser((text) => names(text))
      .default(names(), 'all'),
  )
  .option('--seconds <number>', 'how long', number, 600)
  .option('--tabs <number>', 'how many tabs', number, 10)
  .parse()
  .opts<Options>();

const postgres = await startThrowAwayPostgres();
try {
  for (const name of options.clients) await measure(name, await SUBJECTS[name](postgres.url));
} finally {
  await postgres.stop();
}

async function measure(name: SubjectName, { client, driver, start, isRefresh }: Subject): Promise<void> {
  const pages = { '/tab': EMPTY_PAGE, '/client.js': ['text/javascript', client] as const };
  const server = await startRoughLine({ start, pages, isRefresh });
  const rules = `--host-resolver-rules=MAP localhost:8000 127.0.0.1:${server.port}`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', rules] });
  try {
    const context = await browser.newContext();
    const tabs: Page[] = [];
    for (let count = 0; count < options.tabs; count++) tabs.push(await openTab(context, driver));
    const account = { email: `tabs-${name}@example.com`, password: PASSWORD };
    await tabs[0]?.evaluate((account) => tab.signUp(account), account);
    Object.assign(server, { loseEvery: LOSE_EVERY, delayEvery: DELAY_EVERY });
    Object.assign(server.seen, { answers: 0, lost: 0, restarts: 0, refreshes: 0, mostRefreshes: 0 });
    const work = tabs.map((page) => page.evaluate(() => tab.work()));
    for (const until = performance.now() + options.seconds * 1000; performance.now() < until; ) {
      await sleep(Math.min(RESTART_EVERY_MS, Math.max(0, until - performance.now())));
      if (performance.now() < until) await server.restart();
    }
    for (const page of tabs) await page.evaluate('tab.stop = true');
    await Promise.all(work);
    const { answers, lost, restarts, refreshes, mostRefreshes } = { ...server.seen };
    Object.assign(server, { loseEvery: 0, delayEvery: 0 });
    const counts = await Promise.all(tabs.map((page) => page.evaluate(() => tab.counts)));
    const last = await Promise.all(tabs.map(lastAnswer));
    const sum = (of: keyof Counts): number => counts.reduce((all, tab) => all + tab[of], 0);
    const lines = [
      `${name}: ${options.tabs} tabs, ${options.seconds} s, ${answers} answers, ${lost} lost, ${restarts} restarts`,
      `  requests of the tabs: ${sum('done')} done, ${sum('failed')} failed, ${sum('out')} told that nobody is signed in`,
      `  refreshes: ${refreshes}, at most ${mostRefreshes} at once`,
      `  tabs that were told so: ${counts.filter(({ out }) => out > 0).length}; signed out at the end: ${last.filter((answer) => answer !== 'done').length}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function openTab(context: BrowserContext, driver: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/tab`);
  await page.evaluate(`(async () => {
    const library = await import('/client.js');
    const { signUp, ask } = await (async () => { ${driver} })();
    const tab = { signUp, ask, counts: { done: 0, failed: 0, out: 0 }, stop: false };
    globalThis.tab = tab;
    tab.work = async () => {
      while (!tab.stop) {
        tab.counts[await tab.ask()]++;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000));
      }
    };
  })()`);
  return page;
}

async function lastAnswer(page: Page): Promise<string> {
  let answer = 'failed';
  for (let tries = 0; tries < LAST_TRIES && answer === 'failed'; tries++) {
    await sleep(tries * 1000);
    answer = await page.evaluate(() => tab.ask());
  }
  return answer;
}

function names(text = Object.keys(SUBJECTS).join(',')): SubjectName[] {
  return text.split(',').map((name) => {
    if (!Object.hasOwn(SUBJECTS, name)) throw new InvalidArgumentError(`There is no client ${name}.`);
    return name as SubjectName;
  });
}
