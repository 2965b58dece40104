/** The texts of the mails. This language is the type: a sentence that another one lacks is an error of the compiler. */
export const en = (product: string) => ({
  labels: {
    or_code: 'Or enter this code:',
    bare_link: 'If the button does not work, open this address:',
    link_until: 'Link valid until',
    code_until: 'Code valid until',
    time: 'Time',
    device: 'Device',
    on: 'on',
    ip: 'IP address',
  },
  ignore: 'If this was not you, ignore this mail: nothing changes without it.',
  secure: {
    text: 'If this was not you, secure your account now: all sessions end, and you set a new password.',
    action: 'This was not me',
  },
  reasons: {
    asked: `You receive this mail because this address was entered at ${product}.`,
    account: `You receive this mail because this address belongs to an account at ${product}. Mails about its security cannot be unsubscribed.`,
    former: `You receive this mail because this address belonged to an account at ${product}.`,
  },
  mails: {
    reset_password: {
      subject: `Set a new password for ${product}`,
      heading: 'Set a new password',
      text: 'A new password was asked for. If this was you, use the button or the code.',
      action: 'Set a new password',
    },
    verify_email: {
      subject: `Verify your e-mail address for ${product}`,
      heading: 'Verify your e-mail address',
      text: `Confirm that this address is yours. With it you can always get back into your account at ${product}.`,
      action: 'Verify address',
    },
    confirm_email_change: {
      subject: `Confirm your new e-mail address for ${product}`,
      heading: 'Confirm your new e-mail address',
      text: `The address of an account at ${product} is to be changed to this one. It changes once you confirm it.`,
      action: 'Confirm address',
    },
    email_change_notice: {
      subject: `The e-mail address of your account at ${product} is to change`,
      heading: 'Your e-mail address is to change',
      text: (address: string) =>
        `The new address of your account is to be ${address}. If this was you, there is nothing to do. If not, undo it here, even after it was confirmed.`,
      action: 'Undo the change',
    },
    invitation: {
      subject: `You are invited to ${product}`,
      heading: `You are invited to ${product}`,
      text: 'An account is prepared for you. Choose a password to begin.',
      text_by: (address: string) => `${address} has prepared an account for you. Choose a password to begin.`,
      action: 'Accept the invitation',
      ignore: 'If you do not expect this, ignore this mail: without you the account stays unused.',
    },
    login_code: {
      subject: `Your sign-in code for ${product}`,
      heading: 'Sign in',
      text: 'A code to sign in to your account was asked for. Do not tell it to anybody: nobody of ours will ask for it.',
      action: 'Sign in',
    },
    address_taken: {
      subject: `You already have an account at ${product}`,
      heading: 'You already have an account',
      text: 'This address was entered for a new account or a new address, but it belongs to your account already. If this was you, sign in, or set a new password if you forgot yours.',
      action: 'Sign in',
      ignore: 'If this was not you, there is nothing to do: the other side learned nothing.',
    },
    test: {
      subject: `A test from ${product}`,
      heading: 'This is a test',
      text: `An administrator asked for this mail. If you read it, the mails of ${product} arrive.`,
    },
  },
  notices: {
    'password.changed': {
      subject: `Your password for ${product} was changed`,
      text: 'The password of your account was changed. All other sessions have ended.',
    },
    'password.reset': {
      subject: `A new password for ${product} was set`,
      text: 'A new password of your account was set with a mail to this address. All sessions have ended.',
    },
    'email.changed': {
      subject: `Your e-mail address for ${product} was changed`,
      text: (address: string) => `The address of your account is now ${address}.`,
    },
    'session.new_device': {
      subject: `New sign-in to ${product}`,
      text: 'Your account was signed in to from a device that it did not know.',
    },
    'session.refresh_token_reused': {
      subject: `A session at ${product} was ended`,
      text: 'The key of one of your sessions was used twice, as happens after it was copied. We have ended this session. Sign in again where you miss it.',
    },
    'factor.added': {
      subject: `A second factor was added at ${product}`,
      text: (name: string) => `The second factor “${name}” was added to your account.`,
    },
    'factor.removed': {
      subject: `A second factor was removed at ${product}`,
      text: (name: string) => `The second factor “${name}” was removed from your account.`,
    },
    'passkey.added': {
      subject: `A passkey was added at ${product}`,
      text: (name: string) => `The passkey “${name}” was added to your account.`,
    },
    'passkey.removed': {
      subject: `A passkey was removed at ${product}`,
      text: (name: string) => `The passkey “${name}” was removed from your account.`,
    },
    'identity.linked': {
      subject: `A way to sign in was added at ${product}`,
      text: (name: string) => `Your account can now also be signed in to with ${name}.`,
    },
    'identity.unlinked': {
      subject: `A way to sign in was removed at ${product}`,
      text: (name: string) => `Your account can no longer be signed in to with ${name}.`,
    },
    'user.disabled': {
      subject: `Your account at ${product} was disabled`,
      text: 'An administrator has disabled your account. All sessions have ended, and nobody can sign in to it.',
    },
    'user.deleted': {
      subject: `Your account at ${product} was deleted`,
      text: 'Your account and everything that belonged to it were deleted. This cannot be undone.',
    },
  },
});

/** The texts of one language, with the product's name in them. */
export type Texts = ReturnType<typeof en>;
