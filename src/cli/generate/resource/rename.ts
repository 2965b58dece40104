import { camel, kebab, type Names, pascal, quotaOf, sentenceCase, withArticle, words } from './names.ts';

/** Comments and the texts that people read; the rest is code. */
const PROSE = /\/\*\*[\s\S]*?\*\/|\/\/ .*$|(?:summary: |\bit\(|\)\(\n? *)'[^'\n]*'/gm;

/** The template's text about another resource: `items` and `item` in every form that the template has. */
export function renamed(template: string, names: Names): string {
  let text = '';
  let end = 0;
  for (const found of template.matchAll(PROSE)) {
    text += inCode(template.slice(end, found.index), names) + inProse(found[0], names);
    end = found.index + found[0].length;
  }
  return text + inCode(template.slice(end), names);
}

function inProse(text: string, { plural, singular }: Names): string {
  return text
    .replaceAll(/\bitem_(?=not_found|limit)/g, `${singular}_`)
    .replaceAll('ITEMS_PER_ACCOUNT', quotaOf(plural))
    .replaceAll(/\ban item\b/g, withArticle(singular))
    .replaceAll(/\bitem\b/g, words(singular))
    .replaceAll(/\bitems\b/g, words(plural));
}

function inCode(text: string, { plural, singular }: Names): string {
  return (
    text
      .replaceAll('/items.ts', `/${kebab(plural)}.ts`)
      .replaceAll(/(['`(]|(?:GET|POST) )\/items\b/g, `$1/${kebab(plural)}`)
      .replaceAll(/\bitem_(?=not_found|limit)/g, `${singular}_`)
      .replaceAll('ITEMS_PER_ACCOUNT', quotaOf(plural))
      .replaceAll('items_per_account', quotaOf(plural).toLowerCase())
      .replaceAll(/\bitems_(?=\w+_id|\w+_idx)/g, `${plural}_`)
      .replaceAll(/'items'|(?<=from )items\b/g, (name) => name.replace('items', plural))
      .replaceAll("tags: ['Items']", `tags: ['${sentenceCase(plural)}']`)
      .replaceAll(/Items\b/g, pascal(plural))
      .replaceAll(/Item(?=[A-Z]|\b)/g, pascal(singular))
      // A page has `items` whatever they are.
      .replaceAll(/(?<!\.)\bitems(?=[A-Z]|\b)/g, camel(plural))
      .replaceAll(/(?<!\.)\bitem(?=[A-Z]|\b)/g, camel(singular))
  );
}
