import { describe, expect, it } from 'vitest';
import { product } from '../../../../src/app/product.ts';
import { renderMail } from '../../../../src/app/services/system/mail.ts';
import { MAIL_KINDS, type MailKind } from '../../../../src/app/services/system/mail-kinds.ts';
import { sampleData } from '../../../../src/app/services/system/mail-samples.ts';
import type { EmailAddress } from '../../../../src/app/utils/emails.ts';
import { LOCALES, type Locale } from '../../../../src/app/utils/locales.ts';

const URL = 'https://api.example.com/account';
const samples = sampleData(URL);
const all = LOCALES.flatMap((locale) => MAIL_KINDS.map((kind) => [kind, locale] as const));

const write = <Kind extends MailKind>(kind: Kind, locale: Locale) => renderMail(kind, locale, samples[kind]);

/** What a reader sees of HTML, a line for each element. */
function wordsOf(html: string): string[] {
  const body = html.slice(html.indexOf('<body'));
  const lines = body
    .replace(/<\/?span[^>]*>/g, '')
    .replace(/<[^>]*>/g, '\n')
    .split('\n');
  return lines.map((line) => decode(line).trim()).filter((line) => line !== '');
}

function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll('\u2011', '-');
}

describe.each(all)('%s in %s', (kind, locale) => {
  const { subject, text, html } = write(kind, locale);

  it('reads as it did', () => {
    expect(`${subject}\n\n${text}`.replaceAll(product.name, '{product}')).toMatchSnapshot();
  });

  it('says the same in text and HTML', () => {
    const inText = text
      .split('\n')
      .flatMap((line) => line.split(/: (?=\S)|:$/))
      .filter((line) => line !== '');
    const inHtml = wordsOf(html).map((line) => line.replace(/:$/, ''));
    const says = (lines: string[], words: string): boolean =>
      lines.join(' ').replace(/\s|:/g, '').includes(words.replace(/\s|:/g, ''));
    expect(inText.filter((words) => !words.startsWith('https://') && !says(inHtml, words))).toEqual([]);
    // The layout's own sentence is about the button, which text has not.
    const links = inHtml.filter((words) => words !== inHtml[inHtml.length - 3]);
    expect(links.filter((words) => !says(inText, words))).toEqual([]);
  });

  it('has every link of its data, and no address of another host', () => {
    const expected = [...JSON.stringify(samples[kind]).matchAll(/"link":"([^"]+)"/g)].map(([, link]) => link);
    for (const link of expected) {
      expect(text.split('\n')).toContain(link);
      expect(html).toContain(`href="${link}"`);
    }
    const addresses = [...html.matchAll(/\b(?:https?:)?\/\/[^"'<\s]+|\bsrc=|\burl\(|@import/g)].map(([found]) => found);
    expect(addresses.filter((found) => !expected.includes(found))).toEqual([]);
  });

  it('has its code alone on a line, and not in the subject', () => {
    const code = 'code' in samples[kind] ? (samples[kind] as { code: { digits: string } }).code.digits : undefined;
    expect(text.match(/^\d{8}$/gm) ?? []).toEqual(code === undefined ? [] : [code]);
    expect(subject).not.toMatch(/\d{4}/);
  });

  it('says its language and holds both schemes', () => {
    expect(html).toContain(`<html lang="${locale}">`);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('@media (prefers-color-scheme:dark)');
  });
});

describe('another language', () => {
  it.each(LOCALES.filter((locale) => locale !== 'en'))('%s shares no sentence with English', (locale) => {
    const sentences = (of: Locale): Set<string> =>
      new Set(MAIL_KINDS.flatMap((kind) => write(kind, of).text.split('\n')).filter((line) => / .* .* /.test(line)));
    const english = sentences('en');
    expect([...sentences(locale)].filter((line) => english.has(line))).toEqual([]);
  });
});

describe('what people typed', () => {
  const named = (subject: string) => {
    const { secure, ...data } = samples['notice.passkey.added'];
    return renderMail('notice.passkey.added', 'en', { ...data, ...(secure && { secure }), subject });
  };

  it('is escaped in HTML', () => {
    const { html } = named(`<img src=x onerror="alert('1')">&lt;`);
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;lt;');
    expect(html).not.toContain('<img');
    const mail = { ...samples.email_change_notice, new_email: `"'<b>@example.com` as EmailAddress };
    expect(renderMail('email_change_notice', 'en', mail).html).not.toContain('<b>');
  });

  it('is one short line, in which no mail program finds a link', () => {
    const { text } = named(
      `Win\r\nnow\u2028at https://evil.example/x or mail to a@evil.example \u202e${'x'.repeat(500)}`,
    );
    const line = text.split('\n').find((words) => words.includes('Win'));
    expect(line).toMatch(/^The passkey “Win now at /);
    expect(line).not.toMatch(/:\/\/|evil\.example|@evil|\u202e|x{60}/);
  });

  it('cannot add a header: the subject is one line', () => {
    for (const [kind, locale] of all) expect(write(kind, locale).subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  });

  it('as an object that poses as HTML is refused', () => {
    const data = { ...samples.email_change_notice, new_email: { markup: '<b>' } as unknown as EmailAddress };
    expect(renderMail('email_change_notice', 'en', data).html).not.toContain('<b>');
  });
});
