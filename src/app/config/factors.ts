import { oneOf, setting } from './settings.ts';

/** The settings of second factors; part of SETTINGS. */
export const FACTOR_SETTINGS = {
  MFA_REQUIRED_FOR: setting({
    section: 'Second factors',
    default: 'none',
    purpose:
      'Accounts that must have a second factor: none, admins or everybody. One that has none yet can only set it up; everybody requires EMAIL_VERIFICATION=required',
    parse: oneOf('none', 'admins', 'everybody'),
  }),
};

/** What keeps an account from setting up the factor that it must have. */
export function* factorProblems(config: {
  readonly mfa_required_for?: string;
  readonly email_verification?: string;
}): Generator<string> {
  if (config.mfa_required_for === 'everybody' && config.email_verification === 'optional')
    yield 'MFA_REQUIRED_FOR=everybody requires EMAIL_VERIFICATION=required: an account sets up a factor only after its address is verified';
}
