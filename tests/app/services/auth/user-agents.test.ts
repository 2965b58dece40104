import { describe, expect, it } from 'vitest';
import { deviceName } from '../../../../src/app/services/auth/user-agents.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const PIXEL = 'Mozilla/5.0 (Linux; Android 15; Pixel 9)';

describe('deviceName', () => {
  it.each([
    [`${WINDOWS} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 'Chrome on Windows'],
    [`${WINDOWS} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, 'Edge on Windows'],
    [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0`, 'Opera on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0', 'Firefox on Android'],
    [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15`, 'Safari on Mac'],
    [`${IPHONE} Version/18.1 Mobile/15E148 Safari/604.1`, 'Safari on iPhone'],
    [`${IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`, 'Chrome on iPhone'],
    [`${IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`, 'Firefox on iPhone'],
    [`${IPHONE} Mobile/15E148`, 'iOS app on iPhone'],
    ['Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 Version/17.7 Safari/604.1', 'Safari on iPad'],
    [`${PIXEL} ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`, 'Chrome on Android'],
    [`${PIXEL} ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`, 'Samsung Internet on Android'],
    [`Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) ${WEBKIT} Version/4.0 Chrome/142 Mobile`, 'Android app on Android'],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 'Chrome on ChromeOS'],
    [`${MAC} ${WEBKIT} Notes/1.2.3 Chrome/140.0.0.0 Electron/38.0.0 Safari/537.36`, 'Desktop app on Mac'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36`, 'Headless Chrome on Linux'],
    ['curl/8.5.0', 'curl'],
    ['node', 'Node.js'],
    ['python-requests/2.32.3', 'Python'],
    ['PostmanRuntime/7.43.0', 'Postman'],
    ['okhttp/4.12.0', 'Android app'],
    ['back', 'back'],
    ['My-App/3.1 (build 7)', 'My-App'],
  ])('%s', (user_agent, name) => {
    expect(deviceName(user_agent)).toBe(name);
  });

  it('calls unknown what says nothing', () => {
    for (const text of [null, '', '   ', '<b>&', '::', 'Mozilla/5.0']) expect(deviceName(text)).toBe('Unknown device');
  });

  it('is short and quick whatever it is given', () => {
    const started = performance.now();
    for (const piece of ['a', 'Version/1', 'iPhone(', ' ', 'Mozilla/5.0 (iPhone '])
      expect(deviceName(piece.repeat(100_000)).length).toBeLessThanOrEqual(60);
    expect(performance.now() - started).toBeLessThan(50);
  });
});
