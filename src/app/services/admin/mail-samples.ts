import type { AppContext } from '../../context.ts';
import type { Locale } from '../../utils/locales.ts';
import { type Rendered, renderMail } from '../system/mail.ts';
import { MAIL_KINDS, type MailKind } from '../system/mail-kinds.ts';
import { appUrl } from '../system/mail-links.ts';
import { SAMPLE_TOKEN, sampleData } from '../system/mail-samples.ts';

/** A mail with made-up data, and the kinds that there are. */
export interface MailSample extends Rendered {
  kinds: readonly MailKind[];
}

/** How a kind of mail reads. Its links end before their token, so that none looks like one that opens an account. */
export function read(
  { config }: Pick<AppContext, 'config'>,
  { kind, locale = config.default_locale }: { kind: MailKind; locale?: Locale },
): MailSample {
  const { subject, text, html } = renderMail(kind, locale, sampleData(appUrl(config))[kind]);
  const withoutToken = (content: string): string => content.replaceAll(SAMPLE_TOKEN, '…');
  return { kinds: MAIL_KINDS, subject, text: withoutToken(text), html: withoutToken(html) };
}
