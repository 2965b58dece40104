import type { FastifyRequest } from 'fastify';
import type { Static, TObject } from 'typebox';
import type { RequestContext } from '../../app/context.ts';
import type { ErrorCodeName } from '../../app/utils/error-codes.ts';
import type { Html } from '../../app/utils/html.ts';
import { LOCALES, type Locale, matchLocale } from '../../app/utils/locales.ts';
import { type PageTexts, textsOf } from './texts.ts';

/** What a page says beside its form: what it is for, or what happened and what to do next. */
export interface Message {
  title: string;
  paragraphs: readonly string[];
  /** The ways on, the first one as the button. */
  ways?: readonly Way[];
}

/** A link to another page of the account. */
export interface Way {
  label: string;
  /** The last segment of its path; empty: the list of the pages. */
  page: string;
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
  /** The path of another page, in the language that the reader chose. */
  readonly pathOf: (page: string) => string;
}

/** One page: a form, and the one use case that its button calls. */
export interface Page<Body extends TObject = TObject> {
  /** The last segment of its path. */
  path: string;
  /** The form as a closed schema; an input that was left empty is absent. */
  body: Body;
  /** The codes that the use case throws. */
  errors: readonly ErrorCodeName[];
  /** What the page says above its form. */
  message: (texts: PageTexts) => Message;
  form: (view: View) => Html;
  /** The way to a new mail, for those whose link or code is no longer good. */
  renew?: (texts: PageTexts) => Way;
  submit: (ctx: RequestContext, body: Static<Body>, texts: PageTexts) => Promise<Message>;
  /** The input that each code is about, if the error names none. */
  fieldOf?: Partial<Record<ErrorCodeName, string>>;
}

/** Keeps the type of the body between `body` and `submit`. */
export function definePage<Body extends TObject>(page: Page<Body>): Page {
  // Fastify validates a body by the very schema before `submit` sees it.
  return page as unknown as Page;
}

/** The view of a request before anything is wrong: in the language of `?locale=`, or the browser's, or the installation's. */
export function viewOf({ ctx, query, headers }: FastifyRequest): View {
  const { locale: chosen } = (query ?? {}) as { locale?: unknown };
  const known = LOCALES.find((locale) => locale === chosen);
  const locale = known ?? matchLocale(headers['accept-language']) ?? ctx.config.default_locale;
  const suffix = known === undefined ? '' : `?locale=${known}`;
  return {
    ...{ locale, values: {}, problems: [] },
    texts: textsOf(locale, ctx.config),
    pathOf: (page) => `${ctx.config.root_path}/account${page === '' ? '' : `/${page}`}${suffix}`,
  };
}
