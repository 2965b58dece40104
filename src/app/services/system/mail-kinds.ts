import type { EmailAddress } from '../../utils/emails.ts';

/** What an account is told of by itself. The events are those of the audit. */
export const NOTICES = [
  'password.changed',
  'password.reset',
  'email.changed',
  'session.new_device',
  'session.refresh_token_reused',
  'factor.added',
  'factor.removed',
  'passkey.added',
  'passkey.removed',
  'identity.linked',
  'identity.unlinked',
  'user.disabled',
  'user.deleted',
] as const;

export type Notice = (typeof NOTICES)[number];

/** Where a request came from. `undefined` if nobody asked through the API, as with a command of the operator. */
export interface Origin {
  readonly ip: string;
  /** As a person calls it: "Firefox on Windows". */
  readonly device: string;
}

/** The two forms of a one-time token, and how long each of them is good. */
export interface Proof {
  readonly link: string;
  readonly link_until: Date;
  /** Absent if the token is a link alone. */
  readonly code?: { readonly digits: string; readonly until: Date };
}

/** A link without a code. */
export interface Way {
  readonly link: string;
  readonly link_until: Date;
}

/** When something was asked for or happened, and from where. */
export interface Occasion {
  readonly at: Date;
  readonly origin: Origin | undefined;
}

/** What a notice says beside its text. */
export interface NoticeData extends Occasion {
  /** The way to secure the account; a deleted one has none. */
  readonly secure?: Way;
  /** The name of the factor, passkey or provider, or the new address. */
  readonly subject?: string;
}

/** What each kind of mail is made of. Links and codes are in it, so it is never stored. */
export type MailData = {
  reset_password: Occasion & Proof;
  verify_email: Occasion & Proof;
  confirm_email_change: Occasion & Proof;
  email_change_notice: Occasion & { readonly new_email: EmailAddress; readonly undo: Way; readonly secure: Way };
  invitation: Way & { readonly invited_by: EmailAddress | undefined };
  login_code: Occasion & Proof;
  address_taken: Occasion & { readonly link: string };
  test: Pick<Occasion, 'at'> & { readonly link: string };
} & { readonly [Event in Notice as `notice.${Event}`]: NoticeData };

export type MailKind = keyof MailData;

/** Every kind of mail. */
export const MAIL_KINDS: readonly MailKind[] = [
  'reset_password',
  'verify_email',
  'confirm_email_change',
  'email_change_notice',
  'invitation',
  'login_code',
  'address_taken',
  'test',
  ...NOTICES.map((event) => `notice.${event}` as const),
];
