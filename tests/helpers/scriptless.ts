import { PASSWORD, type TestApi } from './api.ts';

type Answer = Awaited<ReturnType<TestApi['request']>>;

/** A browser without script at the account pages: it keeps cookies, and sends forms from our own pages. */
export class Scriptless {
  readonly #api: Pick<TestApi, 'request'>;
  readonly #jar = new Map<string, string>();

  constructor(api: Pick<TestApi, 'request'>) {
    this.#api = api;
  }

  /** The session's cookie; empty if the browser has none. */
  get cookie(): string {
    return this.named('session');
  }

  set cookie(pair: string) {
    this.#jar.set('session', pair);
  }

  /** Another one of its cookies, as a pair. */
  named(name: string): string {
    return this.#jar.get(name) ?? '';
  }

  async get(page: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#keep(await this.#api.request({ url: urlOf(page), headers: { ...this.#cookies(), ...headers } }));
  }

  /** An address that another site leads to: the browser keeps its Strict cookies back. */
  async arrive({ pathname, search }: URL): Promise<Answer> {
    const cookie = this.named('oauth');
    return this.#keep(await this.#api.request({ url: pathname + search, headers: { cookie, accept: 'text/html' } }));
  }

  async post(page: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#keep(
      await this.#api.request({
        method: 'POST',
        url: urlOf(page),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
          ...this.#cookies(),
          ...headers,
        },
        payload: new URLSearchParams(fields).toString(),
      }),
    );
  }

  async signIn(email: string, password = PASSWORD): Promise<Answer> {
    return this.post('sign-in', { email, password });
  }

  #cookies(): Record<string, string> {
    const pairs = [...this.#jar.values()].filter((pair) => pair !== '');
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') };
  }

  #keep(answer: Answer): Answer {
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = set.split(';');
      const [name = ''] = pair.split('=');
      this.#jar.set(name, set.includes('Max-Age=0') ? '' : pair);
    }
    return answer;
  }
}

/** The heading of a page. */
export const headingOf = (html: string): string | undefined => /<h1>([^<]*)<\/h1>/.exec(html)?.[1];

/** The value of a hidden input. */
export const hiddenIn = (html: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

function urlOf(page: string): string {
  if (page.startsWith('/')) return page;
  return `/account${page === '' ? '' : `/${page}`}`;
}
