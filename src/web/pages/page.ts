import type { FastifyRequest } from 'fastify';
import type { Static, TObject } from 'typebox';
import type { RequestContext } from '../../app/context.ts';
import type { Actor } from '../../app/core.ts';
import type { Departure } from '../../app/services/auth/social-login.ts';
import type { TokenPair } from '../../app/services/auth/token-pair.ts';
import type { ErrorCodeName } from '../../app/utils/error-codes.ts';
import { AppError } from '../../app/utils/errors.ts';
import type { Html } from '../../app/utils/html.ts';
import { LOCALES, type Locale, matchLocale } from '../../app/utils/locales.ts';
import { type PageTexts, textsOf } from './texts.ts';

/** What a page says beside its form: what it is for, or what happened and what to do next. */
export interface Message {
  title: string;
  paragraphs: readonly string[];
  /** What stands under the paragraphs: a list, a picture, another form. */
  content?: Html;
  /** The ways on, the first one as the button. */
  ways?: readonly Way[];
  /** The path that the browser goes on to at once. */
  at_once?: string;
}

/** A link to another page of the account. */
export interface Way {
  label: string;
  /** The last segment of its path; empty: the account itself. */
  page: string;
  /** The page to go on to from there. */
  next?: string;
}

/** What was wrong with a form. `field` is the name of the input that it stands at. */
export interface Problem {
  text: string;
  field?: string;
}

/** One answer of a page: the language, the form as it was sent, and what was wrong with it. */
export interface View {
  readonly locale: Locale;
  readonly texts: PageTexts;
  /** What was sent, by the inputs' names; passwords are not among them. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
  /** The page that a person was led away from, to sign in or to confirm. */
  readonly next: string;
  /** The path of another page, in the language that the reader chose. `next`: the page to go on to from there. */
  readonly pathOf: (page: string, next?: string) => string;
}

/** What a page works with: the request's context, its view, and who is signed in. */
export interface Visit {
  readonly ctx: RequestContext;
  readonly view: View;
  /** Absent for a person who is not signed in. */
  readonly actor?: Actor | undefined;
  /** What stands in the address. */
  readonly query: Readonly<Record<string, string>>;
  /** The secret of a sign-in with a provider that this browser began. */
  readonly verifier?: string | undefined;
}

/** The account of a person who is signed in. */
export type Visitor = Actor['user'];

/**
 * How a posted form ends: in a message, in another page, or at a provider. A TokenPair signs the browser in, null signs it out;
 * it keeps a verifier, and null takes that away.
 */
export type Outcome = (Message | { goTo: string } | { departure: Departure }) & {
  session?: TokenPair | null;
  verifier?: string | null;
};

/** One page: a form, and the use case that its button calls. */
export interface Page<Body extends TObject = TObject, Data = unknown> {
  /** The last segment of its path; empty: the account itself. */
  path: string;
  /** Whom it is for: everybody if it says nothing. `fresh`: a person who proved who they are in the last five minutes. */
  access?: 'signed_out' | 'signed_in' | 'fresh';
  /** A page that another one opens; by its address alone it leads there. */
  opened_by?: string;
  /** The form as a closed schema; an input that was left empty is absent. */
  body: Body;
  /** The codes that the use case throws. */
  errors: readonly ErrorCodeName[];
  /** What its address opens in place of the form, by what stands in its query. It changes nothing but cookies. */
  open?: (visit: Visit) => Promise<Outcome | undefined>;
  /** What the page says above its form. */
  message: (texts: PageTexts) => Message;
  /** What the form shows beside what was sent. It changes nothing. */
  read?: (visit: Visit) => Promise<Data>;
  form: (view: View, data: Data) => Html;
  /** The other ways from here, under the form. */
  ways?: (view: View) => readonly Way[];
  submit: (visit: Visit, body: Static<Body>) => Promise<Outcome>;
  /** The input that each code is about, if the error names none. */
  fieldOf?: Partial<Record<ErrorCodeName, string>>;
  /** The sentence of a code that means something else here. */
  sentenceOf?: Partial<Record<ErrorCodeName, Exclude<keyof PageTexts['problems'], 'title'>>>;
}

/** Keeps the types of the body between `body` and `submit`, and of the data between `read` and `form`. */
export function definePage<Body extends TObject, Data = undefined>(page: Page<Body, Data>): Page {
  // Fastify validates a body by the very schema before `submit` sees it.
  return page as unknown as Page;
}

/** Who is signed in, on a page that only they reach. */
export function visitorOf({ actor }: Visit): Actor {
  if (actor === undefined) throw new AppError('session_ended');
  return actor;
}

/** The refusal of a form that lacks an input. */
export function missing(field: string): AppError {
  return new AppError('validation_failed', { field, rule: { msg: 'is missing', type: 'missing' } });
}

/** The view of a request before anything is wrong: in the language of `?locale=`, or the browser's, or the installation's. */
export function viewOf({ ctx, query, headers }: FastifyRequest): View {
  const { locale: chosen, next } = (query ?? {}) as { locale?: unknown; next?: unknown };
  const known = LOCALES.find((locale) => locale === chosen);
  const locale = known ?? matchLocale(headers['accept-language']) ?? ctx.config.default_locale;
  return {
    ...{ locale, values: {}, problems: [] },
    texts: textsOf(locale, ctx.config),
    // The name of a page and nothing else, so that no link of another leads away from here.
    next: typeof next === 'string' && /^[a-z-]{1,40}$/.test(next) ? next : '',
    pathOf: (page, next = '') => {
      const query = new URLSearchParams({ ...(known && { locale: known }), ...(next !== '' && { next }) }).toString();
      return `${ctx.config.root_path}/account${page === '' ? '' : `/${page}`}${query === '' ? '' : `?${query}`}`;
    },
  };
}
