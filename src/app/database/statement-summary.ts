const CHANGE_IN_WITH = /\b(insert)\s+into\s|\b(delete)\s+from\s|(?<!\b(?:for|do)\s+)\b(update)\s+"/i;
const NAME = String.raw`(?:"?\w+"?\.)?"(\w+)"`;
const TABLE_OF: Readonly<Record<string, RegExp>> = {
  SELECT: new RegExp(String.raw`\bfrom\s+${NAME}`, 'i'),
  INSERT: new RegExp(String.raw`\binto\s+${NAME}`, 'i'),
  UPDATE: new RegExp(String.raw`\bupdate\s+${NAME}`, 'i'),
  DELETE: new RegExp(String.raw`\bfrom\s+${NAME}`, 'i'),
};

/** The operation and the table of a statement, by simple patterns: `INSERT`, `sessions`. */
export function summarize(text: string): { operation: string; table: string | undefined } {
  const first = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL';
  const operation = first === 'WITH' ? changeIn(text) : first;
  return { operation, table: TABLE_OF[operation]?.exec(text)?.[1] };
}

function changeIn(text: string): string {
  const [, ...words] = CHANGE_IN_WITH.exec(text) ?? [];
  return words.find((word) => word !== undefined)?.toUpperCase() ?? 'SELECT';
}
