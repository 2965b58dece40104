import {
  type MailData,
  type MailKind,
  NOTICES,
  type Notice,
  type NoticeData,
  type Occasion,
  type Proof,
  type Way,
} from '../mail-kinds.ts';
import type { Texts } from './texts/en.ts';

/** What a mail says, before it becomes text and HTML. */
export interface Letter {
  subject: string;
  heading: string;
  text: string;
  action?: { label: string; link: string } | undefined;
  code?: string | undefined;
  /** What a reader compares with what they did. */
  facts: readonly (readonly [label: string, value: string])[];
  /** What to do if it was another person. */
  warning?: { text: string; action?: { label: string; link: string } } | undefined;
  /** Why this mail came. */
  reason: string;
}

/** The texts of the reader's language and the way it writes a time. */
export interface Language {
  texts: Texts;
  time: (date: Date) => string;
}

type Writers = { readonly [Kind in MailKind]: (language: Language, data: MailData[Kind]) => Letter };

const NAME_MAX_LENGTH = 80;

/** The letter of a kind. */
export function writeLetter<Kind extends MailKind>(kind: Kind, language: Language, data: MailData[Kind]): Letter {
  return WRITERS[kind](language, data);
}

const WRITERS: Writers = {
  reset_password: (language, data) => proofLetter('reset_password', language, data),
  verify_email: (language, data) => proofLetter('verify_email', language, data),
  confirm_email_change: (language, data) => proofLetter('confirm_email_change', language, data),
  login_code: (language, data) => proofLetter('login_code', language, data),
  email_change_notice: ({ texts, time }, { new_email, undo, secure, ...occasion }) => {
    const { text, action, ...mail } = texts.mails.email_change_notice;
    return {
      ...mail,
      text: text(new_email),
      action: { label: action, link: undo.link },
      facts: [[texts.labels.link_until, time(undo.link_until)], ...occasionFacts({ texts, time }, occasion)],
      warning: secureWarning(texts, secure),
      reason: texts.reasons.account,
    };
  },
  invitation: ({ texts, time }, { link, link_until, invited_by }) => {
    const { text, text_by, action, ignore, ...mail } = texts.mails.invitation;
    return {
      ...mail,
      text: invited_by === undefined ? text : text_by(invited_by),
      action: { label: action, link },
      facts: [[texts.labels.link_until, time(link_until)]],
      warning: { text: ignore },
      reason: texts.reasons.asked,
    };
  },
  address_taken: (language, { link, ...occasion }) => {
    const { action, ignore, ...mail } = language.texts.mails.address_taken;
    return {
      ...mail,
      action: { label: action, link },
      facts: occasionFacts(language, occasion),
      warning: { text: ignore },
      reason: language.texts.reasons.account,
    };
  },
  test: ({ texts, time }, { at, link }) => ({
    ...texts.mails.test,
    // It shows where the links of other mails lead.
    action: { label: texts.mails.address_taken.action, link },
    facts: [[texts.labels.time, time(at)]],
    reason: texts.reasons.asked,
  }),
  ...noticeWriters(),
};

function noticeWriters(): Pick<Writers, `notice.${Notice}`> {
  const writers = NOTICES.map((event) => [
    `notice.${event}`,
    (language: Language, data: NoticeData) => noticeLetter(event, language, data),
  ]);
  // One writer for each notice, and all take the same data.
  return Object.fromEntries(writers) as Pick<Writers, `notice.${Notice}`>;
}

function noticeLetter(
  event: Notice,
  language: Language,
  { secure, subject: name = '', ...occasion }: NoticeData,
): Letter {
  const { texts } = language;
  const { subject, text } = texts.notices[event];
  return {
    subject,
    heading: subject,
    text: typeof text === 'string' ? text : text(event === 'email.changed' ? name : givenName(name)),
    facts: occasionFacts(language, occasion),
    warning: secure && secureWarning(texts, secure),
    reason: event === 'user.deleted' ? texts.reasons.former : texts.reasons.account,
  };
}

function proofLetter(
  kind: 'reset_password' | 'verify_email' | 'confirm_email_change' | 'login_code',
  { texts, time }: Language,
  { link, link_until, code, ...occasion }: Occasion & Proof,
): Letter {
  const { action, ...mail } = texts.mails[kind];
  const { labels } = texts;
  return {
    ...mail,
    action: { label: action, link },
    code: code?.digits,
    facts: [
      [labels.link_until, time(link_until)],
      ...(code === undefined ? [] : [[labels.code_until, time(code.until)] as const]),
      ...occasionFacts({ texts, time }, occasion),
    ],
    warning: { text: texts.ignore },
    reason: texts.reasons.asked,
  };
}

function secureWarning({ secure }: Texts, { link }: Way): NonNullable<Letter['warning']> {
  return { text: secure.text, action: { label: secure.action, link } };
}

function occasionFacts({ texts: { labels }, time }: Language, { at, origin }: Occasion): Letter['facts'] {
  const from: Letter['facts'] =
    origin === undefined
      ? []
      : [
          [labels.device, givenName(origin.device).replace(' on ', ` ${labels.on} `)],
          [labels.ip, origin.ip],
        ];
  return [[labels.time, time(at)], ...from];
}

/**
 * A name that a person gave: one line, short, and no mail program makes a link of it, so that it cannot carry a message of its own.
 */
function givenName(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const short = [...line].slice(0, NAME_MAX_LENGTH).join('');
  // A word joiner is invisible and ends what looks like an address.
  return short.replace(/[.:/@](?=\S)/g, '$&\u2060');
}
