import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderMail } from '../../src/app/services/system/mail.ts';
import type { MailKind } from '../../src/app/services/system/mail-kinds.ts';
import { sampleData } from '../../src/app/services/system/mail-samples.ts';
import { findingsOf, startBrowser, takePicture, withoutBrowser } from '../helpers/browser.ts';
import { casesOf } from '../helpers/short-form.ts';

const samples = sampleData('https://api.example.com/account');
// The keys of the samples are the kinds.
const kinds = Object.keys(samples) as MailKind[];
let browser: Browser;

describe.skipIf(withoutBrowser !== '')(`the mails in a browser${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(1);
  });
  afterAll(async () => {
    await browser?.close();
  });

  it.each(casesOf(kinds, 4))('%s has no finding of axe and fits into 320 px, in light and dark', async (kind) => {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    const { html } = renderMail(kind, 'de', samples[kind]);
    await page.setContent(html);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await takePicture(page, `mails/${kind}-${colorScheme}-320`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), colorScheme).toBe(320);
      expect(await findingsOf(page, 'wcag'), colorScheme).toEqual([]);
    }
    await page.close();
  });
});
