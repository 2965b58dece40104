import type { CDPSession, Page } from 'playwright-core';

/** An authenticator that Chromium plays, with its owner's fingerprint. */
export interface VirtualAuthenticator {
  cdp: CDPSession;
  authenticatorId: string;
  /** Whether its owner is there to answer; without options always. */
  present: (enabled: boolean) => Promise<void>;
}

/** Gives the page's browser an authenticator; `options` are those of WebAuthn.addVirtualAuthenticator. */
export async function addAuthenticator(
  page: Page,
  options: Record<string, boolean | string> = {},
): Promise<VirtualAuthenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  const present = async (enabled: boolean): Promise<void> => {
    await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  };
  return { cdp, authenticatorId, present };
}
