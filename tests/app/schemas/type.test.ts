import { Type as TypeBox } from 'typebox';
import { expect, it } from 'vitest';
import { Type } from '../../../src/app/schemas/type.ts';

type Builders = Pick<typeof TypeBox, keyof typeof Type>;

/** A schema of every builder, with options and without. */
function schemasBy(build: Builders): object[] {
  const text = build.String({ pattern: '^a', title: 'Text' });
  const owner = build.Object({ name: text, age: build.Optional(build.Integer({ minimum: 0 })) }, { title: 'Owner' });
  return [
    build.String(),
    text,
    build.Boolean({ default: false }),
    build.Integer(),
    build.Number({ maximum: 2 }),
    build.Null(),
    build.Unknown({ description: 'Anything' }),
    build.Literal('yes'),
    build.Literal(1, { title: 'One' }),
    build.Literal(true),
    build.Array(text, { maxItems: 2 }),
    build.Union([text, build.Null()], { description: 'Text or nothing' }),
    build.Intersect([owner, build.Object({ id: text })]),
    build.Record(build.String(), build.Unknown(), { title: 'Free' }),
    build.Record(text, text),
    build.Unsafe<string>({ type: 'string', enum: ['a', 'b'] }),
    build.Unsafe<string | null>(build.Optional(text)),
    build.Optional(build.Optional(text)),
    build.Object({}),
    build.Object({ only: build.Optional(text) }, { additionalProperties: false }),
    owner,
    build.Partial(owner),
    build.Partial(owner, { title: 'Change', minProperties: 1, additionalProperties: false }),
    build.Omit(owner, ['age'], { title: 'Named' }),
    build.Omit(owner, ['name']),
  ];
}

it('builds what TypeBox builds, in the same order and with the same hidden properties', () => {
  const built = schemasBy(Type);
  expect(JSON.stringify(built)).toBe(JSON.stringify(schemasBy(TypeBox)));
  expect(built.map(allOf)).toEqual(schemasBy(TypeBox).map(allOf));
});

it('uses every builder that there is', () => {
  const used = new Set<PropertyKey>();
  schemasBy(new Proxy(Type, { get: (type, name) => used.add(name) && Reflect.get(type, name) }));
  expect([...used].sort()).toEqual(Object.keys(Type).sort());
});

it('refuses what only TypeBox builds', () => {
  const union = Type.Union([Type.Object({ id: Type.String() }), Type.Null()]);
  expect(() => Type.Partial(union)).toThrow('Only an object has fields to choose from');
  expect(() => Type.Record(Type.Integer(), Type.String())).toThrow('The names of a record are strings');
});

/** Every property, hidden ones too, to any depth. */
function allOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const properties = Object.entries(Object.getOwnPropertyDescriptors(value));
  return Object.fromEntries(properties.map(([name, { value, ...how }]) => [name, { ...how, value: allOf(value) }]));
}
