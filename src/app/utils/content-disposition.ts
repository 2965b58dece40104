/** Browsers draw these and run nothing in them. SVG and HTML can hold scripts, so they are not here. */
const INLINE: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif']);

/** The Content-Disposition of a file (RFC 6266): a picture may be shown, everything else is saved under its name. */
export function dispositionOf({ name, type }: { name: string; type: string }): string {
  const kind = INLINE.has(type) ? 'inline' : 'attachment';
  // For clients that do not know the second form; a quote or a backslash would end the text.
  const plain = name.replace(/[^ !#-[\]-~]/g, '_');
  return `${kind}; filename="${plain}"; filename*=UTF-8''${extValue(name)}`;
}

/** RFC 8187 §3.2.1. */
function extValue(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
