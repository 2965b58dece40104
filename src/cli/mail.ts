import { type Command, Option } from 'commander';
import { loadMailConfig, readEnvironment } from '../app/config.ts';
import { renderMail } from '../app/services/system/mail.ts';
import { MAIL_KINDS, type MailKind } from '../app/services/system/mail-kinds.ts';
import { appUrl, senderOf } from '../app/services/system/mail-links.ts';
import { sampleData } from '../app/services/system/mail-samples.ts';
import { openTransport } from '../app/services/system/mailer.ts';
import { parseEmail } from '../app/utils/emails.ts';
import { newId } from '../app/utils/ids.ts';
import { LOCALES, type Locale } from '../app/utils/locales.ts';
import { CommandError } from './ui/errors.ts';

/** `back mail …`: whether the mail server takes a mail, and how the mails read. */
export function registerMail(program: Command): void {
  const group = program.command('mail').description('test the mail server and read the mails');
  registerTest(group);
  registerPreview(group);
}

function registerTest(group: Command): void {
  group
    .command('test <address>')
    .description('send a mail to the address through SMTP_URL, at once and not as a job')
    .action(async (text: string) => {
      const to = parseEmail(text);
      if (to === undefined) throw new CommandError(`${text} is not an e-mail address`);
      const config = loadMailConfig(readEnvironment());
      const transport = openTransport(config);
      if (transport === undefined)
        throw new CommandError('SMTP_URL is not set: in development mails are in /dev/mails, in production they wait');
      const mail = renderMail('test', 'en', { at: new Date(), link: appUrl(config) });
      try {
        const outcome = await transport.send({ id: newId(), to, ...mail });
        if (outcome.state !== 'sent') throw new CommandError(`The mail was ${outcome.state}: ${outcome.reason}`);
      } finally {
        transport.close();
      }
      const { name, address } = senderOf(config);
      console.log(`The mail server took a mail to ${to}, from ${name} <${address}>`);
    });
}

function registerPreview(group: Command): void {
  group
    .command('preview')
    .argument('[kind]', 'the kind of mail; without it the kinds are listed')
    .description('print a mail with made-up data')
    .addOption(new Option('--locale <language>', 'its language').choices(LOCALES).default('en'))
    .option('--html', 'print its HTML, for a file that a browser opens')
    .action((kind: string | undefined, { locale, html }: { locale: Locale; html?: boolean }) => {
      if (kind === undefined) return console.log(MAIL_KINDS.join('\n'));
      console.log(preview(kind, locale)[html ? 'html' : 'text'].trimEnd());
    });
}

function preview(name: string, locale: Locale): { text: string; html: string } {
  const kind = MAIL_KINDS.find((known) => known === name);
  if (kind === undefined)
    throw new CommandError(`${name} is no kind of mail; the kinds are listed by: npx back mail preview`);
  const { subject, text, html } = render(kind, locale);
  return { text: `Subject: ${subject}\n\n${text}`, html };
}

function render<Kind extends MailKind>(kind: Kind, locale: Locale): ReturnType<typeof renderMail> {
  return renderMail(kind, locale, sampleData(appUrl(loadMailConfig(readEnvironment())))[kind]);
}
