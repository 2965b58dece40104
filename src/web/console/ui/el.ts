import { type ComponentChildren, h as create, type FunctionComponent, type JSX, type VNode } from 'preact';

type Tags = JSX.IntrinsicElements;
type Data = { readonly [name: `data-${string}`]: string };
type Maker<Tag extends keyof Tags> = (props?: (Tags[Tag] & Data) | null, ...children: ComponentChildren[]) => VNode;

/** Elements by their names: `el.button({ type: 'submit' }, 'Save')`. A plain object is no child, so no answer of a server becomes markup. */
export const el = new Proxy(Object.create(null), {
  get:
    (_target, tag: string) =>
    (props: object | null, ...children: ComponentChildren[]) => {
      children.forEach(requireChild);
      return create(tag, props, ...children);
    },
}) as { readonly [Tag in keyof Tags]: Maker<Tag> };

/** A component with its properties: `h(Time, { at })`. */
export function h<P>(
  component: (props: P) => VNode | null,
  props: P & { key?: string | number },
  ...children: ComponentChildren[]
): VNode {
  children.forEach(requireChild);
  // Of the parts of a view, only its own component knows its properties.
  return create(component as FunctionComponent<unknown>, props as object, ...children) as VNode;
}

/** An element has no constructor, by which Preact tells it from what JSON made. */
function requireChild(child: unknown): void {
  if (Array.isArray(child)) child.forEach(requireChild);
  else if (typeof child === 'object' && child !== null && child.constructor === Object)
    throw new TypeError('An object is no child of an element');
}
