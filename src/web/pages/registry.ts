import { accountPage } from './account/account.ts';
import { activateAuthenticatorPage } from './account/activate-authenticator.ts';
import { addAuthenticatorPage } from './account/add-authenticator.ts';
import { addPasskeyPage } from './account/add-passkey.ts';
import { authenticatorPage } from './account/authenticator.ts';
import { confirmPage } from './account/confirm.ts';
import { deletePage } from './account/delete.ts';
import { devicesPage } from './account/devices.ts';
import { emailPage } from './account/email.ts';
import { identitiesPage } from './account/identities.ts';
import { passkeysPage } from './account/passkeys.ts';
import { passwordPage } from './account/password.ts';
import { profilePage } from './account/profile.ts';
import { recoveryCodesPage } from './account/recovery-codes.ts';
import { acceptInvitationPage } from './links/accept-invitation.ts';
import { confirmEmailChangePage } from './links/confirm-email-change.ts';
import { forgotPasswordPage } from './links/forgot-password.ts';
import { requestVerificationPage } from './links/request-verification.ts';
import { resetPasswordPage } from './links/reset-password.ts';
import { secureAccountPage } from './links/secure-account.ts';
import { undoEmailChangePage } from './links/undo-email-change.ts';
import { verifyPage } from './links/verify.ts';
import type { Page } from './page.ts';
import { enrollPage } from './sign-in/enroll.ts';
import { loginCodePage } from './sign-in/login-code.ts';
import { passkeyPage } from './sign-in/passkey.ts';
import { providerPage } from './sign-in/provider.ts';
import { requestLoginCodePage } from './sign-in/request-login-code.ts';
import { secondFactorPage } from './sign-in/second-factor.ts';
import { signInPage } from './sign-in/sign-in.ts';
import { signUpPage } from './sign-in/sign-up.ts';

const SIGN_IN: readonly Page[] = [signInPage, passkeyPage, providerPage, secondFactorPage, enrollPage, signUpPage];

/** With EMAIL_LOGIN. */
const BY_MAIL: readonly Page[] = [requestLoginCodePage, loginCodePage];

/** Where the links of mails lead, and where such a mail is asked for. */
const LINKS: readonly Page[] = [
  acceptInvitationPage,
  forgotPasswordPage,
  resetPasswordPage,
  requestVerificationPage,
  verifyPage,
  confirmEmailChangePage,
  undoEmailChangePage,
  secureAccountPage,
];

const ACCOUNT: readonly Page[] = [
  accountPage,
  confirmPage,
  profilePage,
  passwordPage,
  emailPage,
  devicesPage,
  authenticatorPage,
  addAuthenticatorPage,
  activateAuthenticatorPage,
  recoveryCodesPage,
  passkeysPage,
  addPasskeyPage,
  identitiesPage,
  deletePage,
];

/** Every page of an account. */
export function pagesOf({ email_login }: { email_login: boolean }): readonly Page[] {
  return [...SIGN_IN, ...(email_login ? BY_MAIL : []), ...LINKS, ...ACCOUNT];
}
