/** The files of a resource by layer. The template is `items`; its copy serves a product that has removed it. */
export const LAYERS = ['model', 'schema', 'service', 'route', 'test'] as const;
export type Layer = (typeof LAYERS)[number];
