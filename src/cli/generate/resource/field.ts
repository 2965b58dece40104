import { CommandError } from '../../ui/errors.ts';
import type { Field } from './fields.ts';
import { type Names, pascal } from './names.ts';
import { renderField } from './render.ts';
import { type LayerTexts, withFieldNeeds } from './template.ts';

/** The files of a resource with one more field in every layer. */
export function withField(texts: LayerTexts, field: Field, names: Names): LayerTexts {
  if (field.presence === 'required')
    throw new CommandError(
      `${field.name} cannot be required: the rows that are there have no value; leave the ! out, or end it with ?`,
    );
  if (new RegExp(`^    ${field.name}: `, 'm').test(texts.model))
    throw new CommandError(`${names.plural} has a field ${field.name}`);
  if (field.kind === 'ref' && texts.service.includes('requireReferences'))
    throw new CommandError(`${names.plural} has a reference already: add ${field.name} by hand beside it`);
  const { column, constant, schema, stored, bad } = renderField(field, names);
  const type = pascal(names.singular);
  const added: LayerTexts = {
    ...texts,
    model: insert(texts.model, /(?=^ {4}owner_id: uuid\(\))/m, `    ${field.name}: ${column},\n`),
    schema: [
      [new RegExp(`(?=\\nexport type ${type} =)`), `const ${constant} = ${schema};\n`],
      [/(?=^ {4}owner_id: Id,)/m, `    ${field.name}: ${constant},\n`],
      [
        new RegExp(`(?=^ {2}\\},\\n {2}\\{\\n {4}\\.\\.\\.closed,\\n {4}title: '${type}Create')`, 'm'),
        `    ${field.name}: Type.Optional(${constant}),\n`,
      ],
    ].reduce((text, [at, what]) => insert(text, at as RegExp, what as string), texts.schema),
    test: insert(
      insert(texts.test, /(?<=^const STORED = \{)/m, ` ${field.name}: ${stored}, `),
      /(?=^ {2}\{ \.\.\.BODY, owner_id: 'me' \})/m,
      bad.map((body) => `  ${body},\n`).join(''),
    ),
  };
  return withFieldNeeds(added, [field], names);
}

function insert(text: string, at: RegExp, what: string): string {
  if (!at.test(text))
    throw new CommandError(`The files are not as the generator wrote them: there is no place for\n${what}`);
  return text.replace(at, () => what);
}
