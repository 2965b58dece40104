/** Has the browser save a text as a file. */
export function save(name: string, { type, text }: { type: string; text: string }): void {
  const href = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
  URL.revokeObjectURL(href);
}
