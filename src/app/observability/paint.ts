/** Colours of a terminal's own palette that can be read on a light and on a dark background; yellow and blue cannot. */
export type Paint = Record<'bold' | 'dim' | 'red' | 'green' | 'cyan' | 'magenta', (text: string) => string>;

/** Paints with ANSI escapes, or leaves the text as it is. */
export function painter(colours: boolean): Paint {
  const paint = (on: string, off: string) => (text: string) => (colours ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  return {
    bold: paint('1', '22'),
    dim: paint('2', '22'),
    red: paint('1;31', '22;39'),
    green: paint('32', '39'),
    cyan: paint('36', '39'),
    magenta: paint('35', '39'),
  };
}
