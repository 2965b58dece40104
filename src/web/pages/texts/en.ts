/** What the sentences name. */
export interface Facts {
  product: string;
  /** Shortest password, in characters. */
  shortest: number;
}

/** The sentences of the pages. This language is the type: a sentence that another one lacks is an error of the compiler. */
export const en = ({ product, shortest }: Facts) => ({
  labels: {
    email: 'E-mail address',
    code: 'Code',
    code_help: 'The eight digits of the mail.',
    link: 'Address of the link in the mail',
    link_help: 'Copy the whole address; it ends in a long text after “token=”.',
    new_password: 'New password',
    new_password_help: `At least ${shortest} characters. A sentence of your own is easy to remember and hard to guess.`,
    password: 'Password',
    name: 'Name (optional)',
    show: 'Show',
    hide: 'Hide',
    language: 'Language',
  },
  no_script: 'Without script this page cannot read the link. Enter the code of the mail instead.',
  no_script_link: 'Without script this page cannot read the link. Copy its address into the field instead.',
  problems: {
    title: 'That did not work',
    missing: 'Fill in this field.',
    email: 'Enter a whole e-mail address, such as ada@example.com.',
    too_long: 'This is too long.',
    invalid: 'The form could not be read. Reload the page and try again.',
    one_time_token_invalid:
      'This link or code does not work: it is wrong, was used, has expired, or a newer mail replaced it.',
    invalid_credentials: 'This is not the password of the account.',
    password_too_short: `Choose a password of at least ${shortest} characters.`,
    password_too_long: 'Choose a shorter password: this one has more than 72 bytes.',
    password_too_common: 'This password is one of those that are tried first. Choose another one.',
    password_breached: 'This password is known from a breach of another service. Choose another one.',
    account_disabled: 'This account is disabled.',
    email_taken: 'Another account has this address.',
    rate_limited: 'That was too often. Wait a little, then try again.',
    cross_site_request:
      'This form was sent from another site, so nothing was changed. Open the page here and send it again.',
    unavailable: 'The service cannot answer right now. Nothing was changed; try again in a moment.',
  },
  account: {
    title: 'Your account',
    text: `What you can do here for your account at ${product}.`,
  },
  forgot_password: {
    title: 'Forgot your password?',
    text: 'Enter the address of your account. We mail you a link and a code to set a new password.',
    button: 'Send the mail',
    done_title: 'Look into your mailbox',
    done: (email: string) => `If ${email} has an account, a mail is on its way. Open its link, or enter its code here.`,
    done_help: 'Nothing came? Look among the unwanted mails, and check the address for typing errors.',
    enter_code: 'Enter the code',
  },
  reset_password: {
    title: 'Set a new password',
    text: 'All sessions of your account end then, also those of a person who knew the old password.',
    button: 'Set the password',
    done_title: 'Your new password is set',
    done: 'All sessions have ended. Sign in with the new password.',
    renew: 'Ask for a new mail',
  },
  verify: {
    title: 'Verify your address',
    text: 'Enter the password that you chose when you opened the account.',
    button: 'Verify the address',
    none: 'I did not set one',
    none_help:
      'If you did not, another person may have opened the account with your address. Its password and its sessions end, and you set a password of your own.',
    done_title: 'Your address is verified',
    done: 'With it you can always get back into your account.',
    done_without: 'The account has no password now. Set one of your own to sign in.',
    renew: 'Ask for a new mail',
  },
  request_verification: {
    title: 'Ask for a new verification mail',
    text: 'Enter the address of your account. We mail you a new link and a new code.',
    button: 'Send the mail',
    done: (email: string) =>
      `If ${email} has an account that is not verified yet, a mail is on its way. Open its link, or enter its code here.`,
  },
  confirm_email_change: {
    title: 'Confirm your new address',
    text: 'Mails about your account come to this address from then on, and you sign in with it.',
    button: 'Confirm the address',
    done_title: 'Your address is changed',
    done: (email: string) => `The address of your account is ${email} now. Sign in with it from now on.`,
  },
  undo_email_change: {
    title: 'Undo the change of your address',
    text: 'Your account gets its former address back, and all its sessions end. We mail you a link to set a new password.',
    button: 'Undo the change',
    done_title: 'The change is undone',
    done: 'Your account has its former address, and all sessions have ended. Look into the mailbox of this address and set a new password.',
  },
  secure_account: {
    title: 'Secure your account',
    text: 'All sessions end and the password is removed, so that nobody else stays in. We mail you a link to set a new password.',
    button: 'Secure the account',
    done_title: 'Your account is secured',
    done: 'All sessions have ended and the password is removed. Look into your mailbox and set a new password.',
  },
  login_code: {
    title: 'Sign in with the code',
    text: 'Enter the code of the mail in the app or on the page where you asked for it: that is where you are signed in.',
  },
  accept_invitation: {
    title: `Welcome to ${product}`,
    text: 'Choose a password, and your account is ready.',
    button: 'Open the account',
    done_title: 'Your account is ready',
    done: 'Sign in with your address and the new password.',
  },
});

/** The sentences of one language. */
export type Texts = ReturnType<typeof en>;
