/** Products by the mark that only they leave, those that also leave another's mark first. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:Edg|EdgA|EdgiOS|Edge)\//, 'Edge'],
  [/\b(?:OPR|OPiOS|OPT|Opera)\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex Browser'],
  [/\bDuckDuckGo\/|\bDdg\//, 'DuckDuckGo'],
  [/\bBrave\//, 'Brave'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bElectron\//, 'Desktop app'],
  [/\bHeadlessChrome\//, 'Headless Chrome'],
  [/; wv\)/, 'Android app'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/\bTrident\/|\bMSIE /, 'Internet Explorer'],
  [/\((?:iPhone|iPad|iPod).*\bAppleWebKit\//, 'iOS app'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bSMART-TV\b|\bSmartTV\b|\bTizen\b|\bWeb0S\b/, 'TV'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b|\bDarwin\//, 'Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** Programs that call themselves by one word: `curl/8.5.0`. */
const PROGRAMS: Readonly<Record<string, string>> = {
  curl: 'curl',
  wget: 'Wget',
  httpie: 'HTTPie',
  postmanruntime: 'Postman',
  insomnia: 'Insomnia',
  bruno: 'Bruno',
  node: 'Node.js',
  undici: 'Node.js',
  axios: 'Node.js (axios)',
  'node-fetch': 'Node.js',
  'python-requests': 'Python',
  'python-httpx': 'Python',
  aiohttp: 'Python',
  'go-http-client': 'Go',
  java: 'Java',
  okhttp: 'Android app',
  dart: 'Flutter app',
  cfnetwork: 'iOS app',
};

const UNKNOWN = 'Unknown device';
const NAME_MAX_LENGTH = 40;

/** A user agent as its owner would name the device: `Safari on iPhone`, `curl`. A hint for people; anybody can send any text. */
export function deviceName(user_agent: string | null): string {
  const text = user_agent?.slice(0, 255).trim() ?? '';
  if (text === '') return UNKNOWN;
  const browser = firstMatch(BROWSERS, text);
  const system = firstMatch(SYSTEMS, text);
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  return programName(text) ?? system ?? UNKNOWN;
}

function firstMatch(rules: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return rules.find(([pattern]) => pattern.test(text))?.[1];
}

/** The first product of RFC 9110 §10.1.5, under its own name where we have no better one. */
function programName(text: string): string | undefined {
  const product = /^([A-Za-z][\w.-]*)(?:\/|$|\s)/.exec(text)?.[1];
  if (product === undefined || product === 'Mozilla') return undefined;
  return PROGRAMS[product.toLowerCase()] ?? product.slice(0, NAME_MAX_LENGTH);
}
