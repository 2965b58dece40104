import { boolean, cidrs, setting } from './settings.ts';

/** The settings of the console; part of SETTINGS. */
export const CONSOLE_SETTINGS = {
  CONSOLE_ENABLED: setting<boolean | undefined>({
    section: 'Server',
    default: '',
    purpose: 'Serve the console of administrators at /console; empty: in development alone',
    parse: (text) => (text === '' ? undefined : boolean(text)),
  }),
  CONSOLE_NETWORKS: setting({
    section: 'Server',
    default: '',
    purpose:
      'Addresses and CIDR ranges that the console is served to, comma-separated; for others it does not exist. The operations of the API are not bound to them. Empty: all',
    parse: cidrs,
  }),
};

/** True if the console is to be served. */
export function isConsoleEnabled(config: {
  readonly console_enabled: boolean | undefined;
  readonly environment: string;
}): boolean {
  return config.console_enabled ?? config.environment === 'development';
}
